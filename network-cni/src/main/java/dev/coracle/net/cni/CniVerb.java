package dev.coracle.net.cni;

/** The operations of the CNI specification, by the names that plugins know. */
enum CniVerb {
    ADD,
    DEL,
    CHECK,
    GC,
    STATUS
}
