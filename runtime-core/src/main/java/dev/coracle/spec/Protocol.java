package dev.coracle.spec;

/** Of a port mapping (CRI {@code Protocol}). */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
