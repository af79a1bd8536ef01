package dev.coracle.state;

/** The calls that depend on a pod's state, by what a client wants. */
public enum PodCall {
    /** A repeat of RunPodSandbox with the same name, namespace, uid and attempt and an equal request. */
    RUN,
    STOP,
    REMOVE,
    /** CreateContainer in it. */
    CREATE_CONTAINER,
    /** StartContainer in it. */
    START_CONTAINER,
    PORT_FORWARD
}
