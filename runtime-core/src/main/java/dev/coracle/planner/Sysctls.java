package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.NamespaceModes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Kernel settings of a pod: only those that a namespace of its own holds, or the host would change. */
final class Sysctls {
    private static final Pattern ELEMENT = Pattern.compile("[A-Za-z0-9_.:@-]+");
    private static final List<String> IPC = List.of("kernel/msg", "kernel/sem", "kernel/shm", "fs/mqueue/");

    private Sysctls() {}

    /**
     * The requested settings and the defaults that are not among them, each as a path below {@code /proc/sys}, in order.
     *
     * @throws InvalidSpec if one is not namespaced, or its namespace is the host's
     */
    static Map<String, String> of(Map<String, String> requested, NamespaceModes modes, Settings settings) {
        Map<String, String> all = new TreeMap<>();
        if (!modes.hostNetwork()) {
            settings.sysctls().forEach((name, value) -> all.put(path(name), value));
        }
        requested.forEach((name, value) -> {
            String path = path(name);
            String field = "linux.sysctls[" + name + "]";
            check(path, modes, field);
            if (value.isEmpty() || value.indexOf('\0') >= 0) {
                throw new InvalidSpec(field, "has no value that can be written");
            }
            all.put(path, value);
        });
        return all;
    }

    /** Whether a missing file does not matter: a default on a kernel without that protocol. */
    static boolean isDefault(String path, Map<String, String> requested) {
        return requested.keySet().stream().noneMatch(name -> path(name).equals(path));
    }

    /** Whether a setting is an ipc namespace's, as {@link #of} names it. */
    static boolean isIpc(String path) {
        return IPC.stream().anyMatch(path::startsWith);
    }

    /** sysctl(8)'s two ways: with the first separator a dot, slashes stand for dots within an element. */
    private static String path(String name) {
        int dot = name.indexOf('.');
        int slash = name.indexOf('/');
        if (dot < 0 || (slash >= 0 && slash < dot)) {
            return name;
        }
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            path.append(c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return path.toString();
    }

    private static void check(String path, NamespaceModes modes, String field) {
        for (String element : path.split("/", -1)) {
            if (!ELEMENT.matcher(element).matches() || element.equals("..") || element.equals(".")) {
                throw new InvalidSpec(field, "is not the name of a kernel setting");
            }
        }
        boolean net = path.startsWith("net/");
        boolean ipc = isIpc(path);
        if (!net && !ipc) {
            throw new InvalidSpec(field, "belongs to no namespace: it would change the whole node");
        }
        if (net && modes.hostNetwork()) {
            throw new InvalidSpec(field, "the pod uses the node's network, which it would change");
        }
        if (ipc && modes.hostIpc()) {
            throw new InvalidSpec(field, "the pod uses the node's ipc namespace, which it would change");
        }
    }
}
