package dev.coracle.plan;

/** Flags of {@code open_tree}. The order is the wire's: add at the end. */
public enum TreeFlag implements Keyword {
    CLONE,
    RECURSIVE,
    NOFOLLOW
}
