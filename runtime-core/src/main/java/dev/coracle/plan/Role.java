package dev.coracle.plan;

/** What a descriptor handed to the shim by {@code give} is for. */
public enum Role implements Keyword {
    STDIN,
    STDOUT,
    STDERR,
    TTY,
    OOM
}
