package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kubelet in a node, on its own: pods are manifests in a folder, and what it knows is asked over its HTTPS port.
 *
 * <p>Everything it writes is the node's: its root directory is a bind mount of a folder of the node (sockets in it have short
 * names so), its cgroups are below the node's own, and the kernel settings that it insists on are written to files that lie
 * over those of /proc/sys there. Threads: one test drives it.
 */
public final class Kubelet implements AutoCloseable {
    private static final String ROOT = "/var/lib/kubelet";
    private static final String MANIFESTS = "/etc/kubernetes/manifests";
    private static final int PORT = 10250;
    private static final int RETRIES = 3;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** What kubelets set for the whole machine (pkg/kubelet/cm, validateSystemRequirements and setupKernelTunables). */
    private static final List<String> TUNABLES = List.of(
            "vm/overcommit_memory",
            "vm/panic_on_oom",
            "kernel/panic",
            "kernel/panic_on_oops",
            "kernel/keys/root_maxkeys",
            "kernel/keys/root_maxbytes");

    private final Node node;
    private final Path socket;
    private final KubeletClient client;
    private final NodePort port;
    private final List<String> logsBefore = new ArrayList<>();
    private Map<String, String> environment = Map.of();
    private @Nullable NodeProcess process;

    private Kubelet(Node node, Path socket, NodePort port) {
        this.node = node;
        this.socket = socket;
        this.port = port;
        this.client = new KubeletClient(port.outside());
    }

    /** Prepares the node for a kubelet that uses this daemon; it is not started yet. */
    public static Kubelet on(Node node, Daemon daemon) {
        try {
            Path root = Files.createDirectories(node.dir().resolve("kubelet"));
            node.command("mkdir", "-p", ROOT, MANIFESTS).text();
            node.command("mount", "--bind", root.toString(), ROOT).text();
            Path tunables = Files.createDirectories(node.dir().resolve("tunables"));
            for (String tunable : TUNABLES) {
                Path file = tunables.resolve(tunable.replace('/', '.'));
                Files.copy(Path.of("/proc/sys", tunable), file, StandardCopyOption.REPLACE_EXISTING);
                node.command("mount", "--bind", file.toString(), "/proc/sys/" + tunable)
                        .text();
            }
            return new Kubelet(node, daemon.socket(), NodePort.open(node, PORT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, with these feature gates set, and waits until it says that it is well. */
    public void start(Map<String, Boolean> gates) {
        Path file = node.dir().resolve("kubelet.yaml");
        write(
                file,
                template()
                        .replace("${socket}", socket.toString())
                        .replace("${cgroup}", node.cgroupParent())
                        .replace("${gates}", gatesText(gates)));
        List<String> command = List.of(
                Tools.kubelet().orElseThrow().toString(), "--config=" + file, "--hostname-override=127.0.0.1", "--v=2");
        NodeProcess started = run(command);
        // A kubelet ends when the runtime does not answer within five seconds; whoever starts it on a node does so
        // again.
        for (int i = 0; i < RETRIES && !awaitHealthy(started, i == RETRIES - 1); i++) {
            started = run(command);
        }
    }

    /** From its next start on it trusts this certificate, as if it were installed on its node. */
    public void trust(Path certificate) {
        environment = Map.of("SSL_CERT_FILE", certificate.toString());
    }

    private NodeProcess run(List<String> command) {
        if (process != null) {
            logsBefore.add(process.err());
        }
        NodeProcess started = node.start("kubelet" + logsBefore.size(), environment, command);
        process = started;
        return started;
    }

    /** Waits until it is well; false if it has ended because the runtime was slow, an error if that is no excuse any more. */
    private boolean awaitHealthy(NodeProcess started, boolean last) {
        return Waiting.until("a healthy kubelet", LIMIT, () -> {
            if (client.answer("/healthz").filter("ok"::equals).isPresent()) {
                return Optional.of(true);
            }
            if (started.alive()) {
                return Optional.empty();
            }
            String log = started.err();
            if (last || !log.contains("validate service connection")) {
                throw new IllegalStateException("the kubelet ended:\n" + tail(log));
            }
            return Optional.of(false);
        });
    }

    private static String gatesText(Map<String, Boolean> gates) {
        return gates.entrySet().stream()
                .map(e -> e.getKey() + ": " + e.getValue())
                .collect(java.util.stream.Collectors.joining(", "));
    }

    private static String template() {
        try (InputStream in = Objects.requireNonNull(Kubelet.class.getResourceAsStream("kubelet.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it answers to questions. */
    public KubeletClient client() {
        return client;
    }

    /** Wants this pod, or wants it changed to this. */
    public void put(String name, String manifest) {
        Path folder = node.inside(MANIFESTS);
        Path fresh = folder.resolve("." + name);
        write(fresh, manifest);
        try {
            Files.move(fresh, folder.resolve(name + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it was last told to want by this name. */
    public String manifest(String name) {
        try {
            return Files.readString(node.inside(MANIFESTS).resolve(name + ".yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Wants this pod no longer. */
    public void delete(String name) {
        try {
            Files.deleteIfExists(node.inside(MANIFESTS).resolve(name + ".yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it; pods stay. */
    public void stop() {
        if (process != null && process.alive()) {
            process.end("TERM", LIMIT);
        }
    }

    /** All that it has logged, over all its starts. */
    public List<String> log() {
        List<String> lines = new ArrayList<>();
        logsBefore.forEach(log -> lines.addAll(log.lines().toList()));
        Optional.ofNullable(process)
                .map(NodeProcess::err)
                .ifPresent(log -> lines.addAll(log.lines().toList()));
        return lines;
    }

    /** The lines that it has logged as errors and that match none of these. */
    public List<String> errorsBut(List<Pattern> known) {
        return log().stream()
                .filter(line -> line.matches("[EF]\\d{4} .*"))
                .filter(line -> known.stream().noneMatch(p -> p.matcher(line).find()))
                .toList();
    }

    private static String tail(String log) {
        return log.substring(Math.max(0, log.length() - 6000));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it and undoes what {@link #on} has done, and what kubelets leave: directories and cgroups. Pods must be gone. */
    @Override
    public void close() {
        stop();
        port.close();
        // its plugins' and pods' mounts lie below the root directory, which it also mounts onto itself
        node.command(
                        "sh",
                        "-c",
                        "for m in $(grep -o ' " + ROOT + "[^ ]*' /proc/self/mounts | sort -r); do umount $m; done")
                .text();
        TUNABLES.forEach(t -> node.command("umount", "/proc/sys/" + t).text());
        node.command("rm", "-rf", ROOT, "/etc/kubernetes", "/var/log/pods", "/var/log/containers")
                .text();
        PodCgroup.removeTree(node.cgroupParent() + "/kubepods");
    }
}
