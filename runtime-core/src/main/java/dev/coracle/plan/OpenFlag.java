package dev.coracle.plan;

/** Flags of the {@code open} and {@code openat2} ops; close-on-exec and no controlling terminal always go with them. */
public enum OpenFlag implements Keyword {
    RDONLY,
    WRONLY,
    RDWR,
    CREAT,
    EXCL,
    TRUNC,
    APPEND,
    DIRECTORY,
    NOFOLLOW,
    PATH,
    NONBLOCK
}
