package dev.coracle.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The mounts that a process sees, in the order of mounting.
 *
 * @param mounts oldest first
 */
public record MountTable(List<MountPoint> mounts) {
    public MountTable {
        mounts = List.copyOf(mounts);
    }

    /** The mounts of this process. */
    public static MountTable read() throws IOException {
        return read(Path.of("/proc/self/mountinfo"));
    }

    /** The mounts in a file such as /proc/PID/mountinfo. */
    public static MountTable read(Path mountinfo) throws IOException {
        try (var lines = Files.lines(mountinfo, StandardCharsets.UTF_8)) {
            return new MountTable(lines.map(MountPoint::parse).toList());
        }
    }

    /**
     * The mount that {@code path} is on: of those at the longest prefix of it, the one mounted last.
     *
     * @param path absolute, without symbolic links: what {@link Path#toRealPath} gives
     */
    public MountPoint holding(Path path) {
        MountPoint best = null;
        for (MountPoint mount : mounts) {
            boolean holds = path.startsWith(mount.path());
            if (holds && (best == null || mount.path().length() >= best.path().length())) {
                best = mount;
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no mount holds " + path);
        }
        return best;
    }
}
