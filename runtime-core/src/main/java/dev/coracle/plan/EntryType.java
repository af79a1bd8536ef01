package dev.coracle.plan;

/** What {@code unlink} removes: a file of any kind, or an empty directory. */
public enum EntryType implements Keyword {
    FILE,
    DIR
}
