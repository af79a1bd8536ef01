package dev.coracle.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Whether this kernel's overlay file system does a thing: it is asked by doing it. */
public final class OverlayProbe {
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;

    private OverlayProbe() {}

    /**
     * Whether layers can be named one by one with {@code lowerdir+}. Older kernels (5.10, 6.1 seen) accept the option and fail
     * only when the file system is created, so one is created; nothing is mounted. False as well where this process may not, or where
     * its C library is too old to ask.
     *
     * @param lower two directories or more, on a file system that can be a layer
     */
    public static boolean lowerdirPlus(List<Path> lower) {
        try {
            return creates(lower);
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    private static boolean creates(List<Path> lower) {
        int fs = Native.C.fsopen(Native.cString("overlay", StandardCharsets.UTF_8), FSOPEN_CLOEXEC);
        if (fs < 0) {
            return false;
        }
        try (Fd context = new Fd(fs)) {
            for (Path directory : lower) {
                if (set(context, "lowerdir+", directory.toString()) < 0) {
                    return false;
                }
            }
            return Native.C.fsconfig(context.number(), FSCONFIG_CMD_CREATE, null, null, 0) == 0;
        }
    }

    private static int set(Fd context, String key, String value) {
        return Native.C.fsconfig(
                context.number(),
                FSCONFIG_SET_STRING,
                Native.cString(key, StandardCharsets.UTF_8),
                Native.cString(value, StandardCharsets.UTF_8),
                0);
    }
}
