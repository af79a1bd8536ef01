package dev.coracle.state;

/** The calls that depend on a container's state, by what a client wants. */
public enum ContainerCall {
    /** A repeat of CreateContainer with the same name and attempt and an equal request. */
    CREATE,
    START,
    STOP,
    REMOVE,
    /** ExecSync, Exec and Attach. */
    EXEC,
    REOPEN_LOG,
    UPDATE
}
