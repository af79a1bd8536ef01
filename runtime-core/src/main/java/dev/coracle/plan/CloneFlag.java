package dev.coracle.plan;

/** Flags of {@code clone3}. {@link #VM} and {@link #VFORK} go together: the maker sleeps until the child's execve. */
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
