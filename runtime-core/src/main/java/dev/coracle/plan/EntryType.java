package dev.coracle.plan;

/** What {@code unlink} removes: a file of any kind, or an empty directory. The order is the wire's: add at the end. */
public enum EntryType implements Keyword {
    FILE,
    DIR
}
