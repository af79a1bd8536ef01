package dev.coracle.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Whether this kernel's overlay file system does a thing: it is asked by doing it. */
public final class OverlayProbe {
    private static final long SYS_FSOPEN = 430;
    private static final long SYS_FSCONFIG = 431;
    private static final long FSOPEN_CLOEXEC = 1;
    private static final long FSCONFIG_SET_STRING = 1;
    private static final long FSCONFIG_CMD_CREATE = 6;

    private OverlayProbe() {}

    /**
     * Whether layers can be named one by one with {@code lowerdir+}. Older kernels (5.10, 6.1 seen) accept the option and fail
     * only when the file system is created, so one is created; nothing is mounted. False as well where this process may not.
     *
     * @param lower two directories or more, on a file system that can be a layer
     */
    public static boolean lowerdirPlus(List<Path> lower) {
        long fs = Native.C.syscall(SYS_FSOPEN, Native.cString("overlay", StandardCharsets.UTF_8), FSOPEN_CLOEXEC);
        if (fs < 0) {
            return false;
        }
        try (Fd context = new Fd((int) fs)) {
            for (Path directory : lower) {
                if (set(context, "lowerdir+", directory.toString()) < 0) {
                    return false;
                }
            }
            return Native.C.syscall(SYS_FSCONFIG, context.number(), FSCONFIG_CMD_CREATE, null, null, 0) == 0;
        }
    }

    private static long set(Fd context, String key, String value) {
        return Native.C.syscall(
                SYS_FSCONFIG,
                context.number(),
                FSCONFIG_SET_STRING,
                Native.cString(key, StandardCharsets.UTF_8),
                Native.cString(value, StandardCharsets.UTF_8),
                0);
    }
}
