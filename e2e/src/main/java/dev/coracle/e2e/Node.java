package dev.coracle.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * A machine within the machine: a network and a mount namespace of its own, in which the daemon, its registry and CNI plugins run.
 *
 * <p>So that a test neither sees nor touches what else runs here: bridges, addresses, iptables rules and ip_forward are the
 * node's, mounts stay in it, and what is written to /etc, /run, /tmp, /var and /opt lands in {@link #changes()} instead. Every
 * process started here, and all that it leaves behind, is a descendant of this JVM (see node.c), and dies with it. Process ids,
 * cgroups and the host name are the machine's. Threads: any; processes are started one at a time.
 */
public final class Node implements AutoCloseable {
    private static final List<String> OVERLAID = List.of("/etc", "/run", "/tmp", "/var", "/opt");

    private final String name;
    private final Path dir;
    private final Process holder;
    private final Map<String, Path> uppers;
    private final List<NodeProcess> processes = new CopyOnWriteArrayList<>();

    private Node(String name, Path dir, Process holder, Map<String, Path> uppers) {
        this.name = name;
        this.dir = dir;
        this.holder = holder;
        this.uppers = uppers;
    }

    /** Makes a node that keeps everything in the given folder, which must not be on an overlay. */
    public static Node make(String name, Path dir) {
        try {
            Path work = Files.createDirectories(dir.resolve("overlay"));
            List<String> overlaid = OVERLAID.stream()
                    .filter(d -> Files.isDirectory(Path.of(d))
                            && !dir.toAbsolutePath().startsWith(d))
                    .toList();
            List<String> command = new ArrayList<>(List.of(program(), "hold", work.toString()));
            command.addAll(overlaid);
            Process holder = new ProcessBuilder(command)
                    .redirectError(dir.resolve("node.err").toFile())
                    .start();
            awaitReady(holder, dir);
            return new Node(name, dir, holder, uppers(work, overlaid));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitReady(Process holder, Path dir) throws IOException {
        BufferedReader out = holder.inputReader();
        String line = out.readLine();
        if (!"ready".equals(line)) {
            throw new IllegalStateException("make node: " + Files.readString(dir.resolve("node.err")));
        }
    }

    private static Map<String, Path> uppers(Path work, List<String> overlaid) {
        Map<String, Path> uppers = new java.util.LinkedHashMap<>();
        for (int i = 0; i < overlaid.size(); i++) {
            uppers.put(overlaid.get(i), work.resolve(i + "/upper"));
        }
        return Map.copyOf(uppers);
    }

    /** A name that no other node has: it is part of the cgroup parent of its pods. */
    public String name() {
        return name;
    }

    public Path dir() {
        return dir;
    }

    /** The cgroup that pods of this node are put below, as a kubelet would name it. */
    public String cgroupParent() {
        return "/" + name;
    }

    /** For each folder of the machine that the node may write to: where its changes are. */
    public Map<String, Path> changes() {
        return uppers;
    }

    /** The process whose namespaces are the node's. */
    public long holder() {
        return holder.pid();
    }

    /** A path as it is inside the node. */
    public Path inside(String absolute) {
        return Path.of("/proc", String.valueOf(holder.pid()), "root").resolve(absolute.substring(1));
    }

    /** Runs a short command inside. */
    public Outcome command(String... command) {
        return command(List.of(command));
    }

    public Outcome command(List<String> command) {
        return command(Duration.ofSeconds(60), command);
    }

    /** Runs a command inside that may take so long. */
    public Outcome command(Duration limit, List<String> command) {
        return Outcome.of(limit, entering(command));
    }

    /** Starts a program inside that is no process of the node, but speaks for a test. */
    Process entered(List<String> command) throws IOException {
        return new ProcessBuilder(entering(command))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private List<String> entering(List<String> command) {
        List<String> line =
                new ArrayList<>(List.of("nsenter", "--target", String.valueOf(holder.pid()), "--net", "--mount", "--"));
        line.addAll(command);
        return line;
    }

    /** Starts a program that stays, with its output in a file of this name. */
    public NodeProcess start(String label, Map<String, String> environment, List<String> command) {
        List<String> line = new ArrayList<>(List.of(program(), "run", String.valueOf(holder.pid())));
        NodeProcess process = NodeProcess.start(line, dir, label, environment, command);
        processes.add(process);
        return process;
    }

    /** An HTTP GET from inside the node: the body. */
    public String fetch(String uri) {
        return get(uri).text();
    }

    /** An HTTP GET from inside the node, with what went wrong if it did. */
    public Outcome get(String uri) {
        return command("curl", "--silent", "--show-error", "--fail", "--max-time", "5", uri);
    }

    /** All processes started here, those that ended and those that run. */
    public Stream<NodeProcess> processes() {
        return processes.stream();
    }

    private static String program() {
        return Tools.programs().resolve("node").toString();
    }

    /** Kills all that runs in it. The folder stays. */
    @Override
    public void close() {
        processes.forEach(NodeProcess::close);
        try {
            holder.getOutputStream().close();
            holder.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
