package dev.coracle.image;

import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Describes trees of files so that two can be compared: a line for each file, with all that unpacking must keep. */
final class Trees {
    private Trees() {}

    /** By relative path: type, mode, owner, links, size, time, device, target, content and attributes. */
    static Map<String, String> describe(Path root) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        Map<Long, String> names = new HashMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String name = root.relativize(file).toString();
                lines.put(name, describe(file, name, names));
            }
        }
        return lines;
    }

    private static String describe(Path file, String name, Map<Long, String> names) throws IOException {
        Linux linux = new Linux();
        FileStat stat = linux.lstat(null, file.toString());
        String line = "%o %d:%d %d.%09d"
                .formatted(
                        stat.mode(),
                        stat.uid(),
                        stat.gid(),
                        stat.modified().seconds(),
                        stat.modified().nanos());
        if (stat.device() != 0) {
            line += " dev " + (stat.device() >> 32) + "," + (int) stat.device();
        }
        if (stat.isSymlink()) {
            line += " -> " + Files.readSymbolicLink(file);
        }
        if ((stat.mode() & FileStat.TYPE_MASK) == FileStat.REGULAR) {
            line += " " + stat.size() + " "
                    + Digest.sha256(Files.readAllBytes(file)).hex().substring(0, 12);
        }
        if (!stat.isDirectory() && stat.links() > 1) {
            line += " = " + names.computeIfAbsent(stat.inode(), _ -> name);
        }
        List<String> keys = linux.llistxattr(file.toString()).stream().sorted().toList();
        for (String key : keys) {
            byte[] value = linux.lgetxattr(file.toString(), key).orElseThrow();
            line += " " + key + "=" + HexFormat.of().formatHex(value);
        }
        return line;
    }
}
