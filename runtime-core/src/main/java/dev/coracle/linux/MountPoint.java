package dev.coracle.linux;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
 *
 * @param root the directory of the file system that is mounted here
 * @param path where it is mounted, seen from the reader's root
 * @param options of the mount, such as {@code ro} and {@code nosuid}
 * @param peers the optional fields: {@code shared:N}, {@code master:N}, {@code unbindable}
 * @param type of the file system, such as {@code ext4}
 * @param superOptions of the file system itself
 */
public record MountPoint(
        int id,
        int parent,
        String root,
        String path,
        Set<String> options,
        List<String> peers,
        String type,
        String source,
        Set<String> superOptions) {

    /** What happens here when something is mounted below on the other side. */
    public enum Propagation {
        PRIVATE,
        SLAVE,
        SHARED,
        UNBINDABLE
    }

    /** Reads one line. */
    static MountPoint parse(String line) {
        String[] fields = line.split(" ");
        int dash = Arrays.asList(fields).indexOf("-");
        if (dash < 6 || fields.length < dash + 4) {
            throw new IllegalArgumentException("not a line of mountinfo: " + line);
        }
        return new MountPoint(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                unescape(fields[3]),
                unescape(fields[4]),
                Set.copyOf(new HashSet<>(Arrays.asList(fields[5].split(",")))),
                List.of(fields).subList(6, dash),
                fields[dash + 1],
                unescape(fields[dash + 2]),
                Set.copyOf(new HashSet<>(Arrays.asList(fields[dash + 3].split(",")))));
    }

    /** A mount that is both slave and shared counts as shared: what is mounted in it is passed on. */
    public Propagation propagation() {
        if (has("shared:")) {
            return Propagation.SHARED;
        }
        if (has("master:")) {
            return Propagation.SLAVE;
        }
        return peers.contains("unbindable") ? Propagation.UNBINDABLE : Propagation.PRIVATE;
    }

    public boolean readOnly() {
        return options.contains("ro");
    }

    private boolean has(String prefix) {
        return peers.stream().anyMatch(field -> field.startsWith(prefix));
    }

    /** The kernel writes blank, tab, newline, backslash and # as a backslash and three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }
}
