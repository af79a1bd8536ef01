package dev.coracle.plan;

/** What {@code mknod} makes: a character device, a block device or a fifo. The order is the wire's: add at the end. */
public enum NodeType implements Keyword {
    C,
    B,
    P
}
