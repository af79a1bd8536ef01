package dev.coracle.spec;

/** With whom a namespace is shared (CRI {@code NamespaceMode}). */
public enum NamespaceMode {
    /** With the other containers of the pod. */
    POD,
    /** With nobody. Only for pid namespaces. */
    CONTAINER,
    /** With the host. */
    NODE,
    /** With one other container of the same pod. Only for pid namespaces of containers. */
    TARGET
}
