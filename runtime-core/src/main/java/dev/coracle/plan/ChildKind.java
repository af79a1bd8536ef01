package dev.coracle.plan;

/** What a child of a plan is to the shim: a helper ends with the plan, a container's main process and an exec are reported when they end, an init holds a shared pid namespace. */
public enum ChildKind implements Keyword {
    HELPER,
    CONTAINER,
    EXEC,
    INIT
}
