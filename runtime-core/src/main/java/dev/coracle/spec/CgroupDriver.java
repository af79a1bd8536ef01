package dev.coracle.spec;

/** Who makes the containers' cgroups (CRI {@code CgroupDriver}). */
public enum CgroupDriver {
    /** Coracle, with mkdir and write. */
    CGROUPFS,
    /** systemd, asked over D-Bus for a scope per container. */
    SYSTEMD
}
