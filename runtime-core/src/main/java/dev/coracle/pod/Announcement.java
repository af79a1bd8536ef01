package dev.coracle.pod;

/**
 * Something that has happened to a pod or a container, and is on disk.
 *
 * @param id of the container; of the pod where it happened to that
 * @param at ns since the epoch
 * @param snapshot the whole pod just after it
 */
public record Announcement(Kind kind, String id, long at, PodSnapshot snapshot) {
    /** What has happened. */
    public enum Kind {
        CREATED,
        STARTED,
        STOPPED,
        DELETED
    }
}
