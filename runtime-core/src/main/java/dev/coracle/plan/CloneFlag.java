package dev.coracle.plan;

/**
 * Flags of {@code clone3}. {@link #VM} and {@link #VFORK} go together: the child has its maker's memory, and the maker sleeps until the
 * child's execve or end. So such a child neither stops nor makes another.
 */
public enum CloneFlag implements Keyword {
    NEWNS,
    NEWNET,
    NEWIPC,
    NEWUTS,
    NEWPID,
    NEWUSER,
    NEWCGROUP,
    VM,
    VFORK
}
