package dev.coracle.spec;

/** One variable of a process's environment. The name holds no {@code =}, neither holds a NUL. */
public record EnvVar(String name, String value) {}
