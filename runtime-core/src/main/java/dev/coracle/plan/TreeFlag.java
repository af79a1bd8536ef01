package dev.coracle.plan;

/** Flags of {@code open_tree}. */
public enum TreeFlag implements Keyword {
    CLONE,
    RECURSIVE,
    NOFOLLOW
}
