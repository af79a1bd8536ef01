package dev.coracle.spec;

/** Whether a user's groups in the image's {@code /etc/group} count (CRI {@code SupplementalGroupsPolicy}). */
public enum SupplementalGroupsPolicy {
    /** They are added to those of the request. */
    MERGE,
    /** Only those of the request count. */
    STRICT
}
