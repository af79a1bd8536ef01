package dev.coracle.spec;

/** Which later mounts cross between host and container below a volume (CRI {@code MountPropagation}). */
public enum Propagation {
    /** None: {@code rprivate}. */
    PRIVATE,
    /** The host's appear in the container: {@code rslave}; the source must lie on a shared or slave mount. */
    HOST_TO_CONTAINER,
    /** Both ways: {@code rshared}; the source must lie on a shared mount. What the container mounts stays on the host. */
    BIDIRECTIONAL
}
