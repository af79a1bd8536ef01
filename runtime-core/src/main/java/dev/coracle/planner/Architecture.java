package dev.coracle.planner;

import java.util.List;

/** A machine architecture that Coracle runs on. */
public enum Architecture {
    X86_64,
    AARCH64;

    /** libseccomp's names of the native interface, first, and of those that the kernel runs beside it. */
    public List<String> seccompNames() {
        return switch (this) {
            case X86_64 -> List.of("x86_64", "x86", "x32");
            case AARCH64 -> List.of("aarch64", "arm");
        };
    }
}
