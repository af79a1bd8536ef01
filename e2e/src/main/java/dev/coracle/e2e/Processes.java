package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The processes that were started in a node, with all their descendants, in whatever namespaces they are. */
public record Processes(List<Running> all) {

    /** A process as /proc tells it; the start time tells two with the same pid apart. */
    public record Running(long pid, long parent, String start, String state, String command) {}

    public static Processes of(Node node) {
        Map<Long, List<Running>> children = new HashMap<>();
        for (Running p : running()) {
            children.computeIfAbsent(p.parent(), k -> new ArrayList<>()).add(p);
        }
        List<Running> found = new ArrayList<>();
        Deque<Long> queue = new ArrayDeque<>();
        // of one that has ended, another process may have the pid
        node.processes()
                .filter(NodeProcess::supervised)
                .map(NodeProcess::supervisorPid)
                .forEach(queue::add);
        while (!queue.isEmpty()) {
            for (Running p : children.getOrDefault(queue.remove(), List.of())) {
                found.add(p);
                queue.add(p.pid());
            }
        }
        return new Processes(List.copyOf(found));
    }

    public Processes without(Set<Long> pids) {
        return new Processes(all.stream().filter(p -> !pids.contains(p.pid())).toList());
    }

    /** The descendants of one process, in no order. */
    public static List<Long> descendants(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList();
    }

    private static List<Running> running() {
        List<Running> running = new ArrayList<>();
        try (Stream<Path> list = Files.list(Path.of("/proc"))) {
            for (Path dir : list.filter(
                            p -> Character.isDigit(p.getFileName().toString().charAt(0)))
                    .toList()) {
                String stat = read(dir.resolve("stat"));
                if (!stat.isEmpty()) {
                    running.add(process(dir, stat));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return running;
    }

    private static Running process(Path dir, String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        String command = read(dir.resolve("cmdline")).replace('\0', ' ').strip();
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        return new Running(
                Long.parseLong(dir.getFileName().toString()),
                Long.parseLong(fields[1]),
                fields[19],
                fields[0],
                command.isEmpty() ? "(" + name + ")" : command);
    }

    /** A line for each, the same as long as the process lives. */
    public Set<String> descriptions() {
        Set<String> lines = new TreeSet<>();
        all.forEach(p -> lines.add(p.pid() + " started " + p.start() + ": " + p.command()));
        return lines;
    }

    /** Namespaces that a process is in, or holds open. */
    public Set<String> namespaces() {
        Set<String> found = new HashSet<>();
        for (Running p : all) {
            Path dir = Path.of("/proc", String.valueOf(p.pid()));
            links(dir.resolve("ns")).forEach(found::add);
            links(dir.resolve("fd"))
                    .filter(l -> l.matches("[a-z_]+:\\[\\d+]"))
                    .filter(Processes::isNamespace)
                    .forEach(found::add);
        }
        return found;
    }

    private static boolean isNamespace(String link) {
        return !link.startsWith("socket:") && !link.startsWith("pipe:") && !link.startsWith("anon_inode:");
    }

    private static Stream<String> links(Path dir) {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> list = Files.list(dir)) {
            for (Path link : list.toList()) {
                targets.add(Files.readSymbolicLink(link).toString());
            }
        } catch (IOException | UncheckedIOException e) {
            // it has ended, or the descriptor was closed
        }
        return targets.stream();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
