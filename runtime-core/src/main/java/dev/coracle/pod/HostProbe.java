package dev.coracle.pod;

import dev.coracle.linux.FileSystemStat;
import dev.coracle.linux.MountPoint;
import dev.coracle.linux.MountTable;
import dev.coracle.linux.OverlayProbe;
import dev.coracle.linux.SyscallException;
import dev.coracle.planner.Architecture;
import dev.coracle.planner.CapabilitySet;
import dev.coracle.planner.CgroupLayout;
import dev.coracle.planner.Host;
import dev.coracle.planner.KernelRelease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds out, once at start, what this machine and its kernel can do. Looks at /proc, /sys, the state and the run directory only; not
 * to be called on a virtual thread.
 */
public final class HostProbe {
    private static final Path APPARMOR = Path.of("/sys/kernel/security/apparmor");
    private static final Path CGROUP = Path.of("/sys/fs/cgroup");
    private static final Set<String> CONTROLLERS = Set.of(
            "cpu",
            "cpuacct",
            "cpuset",
            "memory",
            "devices",
            "pids",
            "hugetlb",
            "freezer",
            "blkio",
            "net_cls",
            "net_prio",
            "perf_event",
            "rdma",
            "misc");
    private static final int KIBIBYTES_PER_MEBIBYTE = 1024;
    private static final int KIBIBYTES_PER_GIBIBYTE = 1024 * 1024;

    private HostProbe() {}

    /**
     * Looks.
     *
     * @param layers a directory on the file system that will hold layers; nothing is written to it: it may be full
     * @param scratch a directory to write to
     * @param shim the program that carries plans out
     */
    public static Host probe(Path layers, Path scratch, Path shim) {
        try {
            KernelRelease kernel = KernelRelease.parse(line("/proc/sys/kernel/osrelease"));
            Map<String, String> status = colonFile(Path.of("/proc/self/status"));
            return new Host(
                    line("/proc/sys/kernel/hostname"),
                    kernel,
                    architecture(),
                    cgroups(MountTable.read()),
                    lowerdirPlus(scratch),
                    new CapabilitySet(Long.parseUnsignedLong(status.getOrDefault("CapBnd", "0"), 16)),
                    Integer.parseInt(line("/proc/self/oom_score_adj")),
                    hardLimits(),
                    status.containsKey("Seccomp"),
                    isYes(Path.of("/sys/module/apparmor/parameters/enabled")) && Files.exists(APPARMOR),
                    SelinuxProbe.look(Path.of("/")),
                    hugepageSizes(),
                    UserNamespaceProbe.reasonAgainst(kernel, layers, scratch, shim));
        } catch (IOException e) {
            throw new UncheckedIOException("look at this machine", e);
        }
    }

    private static Architecture architecture() {
        String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "amd64", "x86_64" -> Architecture.X86_64;
            case "aarch64", "arm64" -> Architecture.AARCH64;
            default -> throw new IllegalStateException("run on " + name + ": not an architecture that Coracle knows");
        };
    }

    static CgroupLayout cgroups(MountTable table) throws IOException {
        if (isCgroup2(CGROUP)) {
            return new CgroupLayout.V2(
                    CGROUP.toString(),
                    Set.of(line(CGROUP + "/cgroup.controllers").split(" ", -1)));
        }
        Map<String, String> mounts = new TreeMap<>();
        String unified = "";
        for (MountPoint mount : table.mounts()) {
            if (mount.type().equals("cgroup2")) {
                unified = mount.path();
            } else if (mount.type().equals("cgroup")) {
                mount.superOptions().stream()
                        .filter(option -> CONTROLLERS.contains(option) || option.startsWith("name="))
                        .forEach(option -> mounts.put(option, mount.path()));
            }
        }
        return unified.isEmpty() ? new CgroupLayout.V1(mounts) : new CgroupLayout.Hybrid(mounts, unified);
    }

    private static boolean isCgroup2(Path path) {
        try {
            return FileSystemStat.of(path).type() == FileSystemStat.CGROUP2_MAGIC;
        } catch (SyscallException e) {
            return false;
        }
    }

    private static boolean lowerdirPlus(Path scratch) throws IOException {
        Path first = Files.createTempDirectory(scratch, "probe");
        try {
            Path second = Files.createDirectory(first.resolve("second"));
            Path third = Files.createDirectory(first.resolve("third"));
            try {
                return OverlayProbe.lowerdirPlus(List.of(second, third));
            } finally {
                Files.delete(second);
                Files.delete(third);
            }
        } finally {
            Files.delete(first);
        }
    }

    /** Of /proc/self/limits, whose names are people's: {@code Max open files}. */
    private static Map<String, Long> hardLimits() throws IOException {
        Map<String, String> names = Map.of(
                "Max cpu time", "cpu",
                "Max file size", "fsize",
                "Max data size", "data",
                "Max stack size", "stack",
                "Max core file size", "core",
                "Max processes", "nproc",
                "Max open files", "nofile",
                "Max locked memory", "memlock");
        Map<String, Long> limits = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            String[] columns = line.split(" {2,}", -1);
            String name = names.get(columns[0]);
            if (name != null && columns.length > 2) {
                limits.put(name, columns[2].equals("unlimited") ? -1L : Long.parseLong(columns[2]));
            }
        }
        return limits;
    }

    private static Set<String> hugepageSizes() throws IOException {
        Set<String> sizes = new HashSet<>();
        try (DirectoryStream<Path> pools =
                Files.newDirectoryStream(Path.of("/sys/kernel/mm/hugepages"), "hugepages-*")) {
            for (Path pool : pools) {
                String name = pool.getFileName().toString();
                sizes.add(hugepageSize(Long.parseLong(name.substring("hugepages-".length(), name.length() - 2))));
            }
        } catch (NoSuchFileException e) {
            return Set.of(); // a kernel without huge pages
        }
        return sizes;
    }

    private static String hugepageSize(long kibibytes) {
        if (kibibytes % KIBIBYTES_PER_GIBIBYTE == 0) {
            return kibibytes / KIBIBYTES_PER_GIBIBYTE + "GB";
        }
        return kibibytes % KIBIBYTES_PER_MEBIBYTE == 0 ? kibibytes / KIBIBYTES_PER_MEBIBYTE + "MB" : kibibytes + "KB";
    }

    private static boolean isYes(Path file) throws IOException {
        return Files.exists(file) && Files.readString(file).startsWith("Y");
    }

    private static String line(String file) throws IOException {
        return Files.readString(Path.of(file)).strip();
    }

    private static Map<String, String> colonFile(Path file) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return values;
    }
}
