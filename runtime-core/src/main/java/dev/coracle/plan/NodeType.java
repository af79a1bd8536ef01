package dev.coracle.plan;

/** What {@code mknod} makes: a character device, a block device or a fifo. */
public enum NodeType implements Keyword {
    C,
    B,
    P
}
