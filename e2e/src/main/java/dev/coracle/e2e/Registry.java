package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Debian's docker-registry on loopback. Its content is filled from the machine's loopback, where this JVM is, and kept in a folder;
 * in a node it serves that folder at {@link #ADDRESS}, always the same, so that image names are too.
 */
public final class Registry {
    /** Where a node's registry is, from inside the node. */
    public static final String ADDRESS = "127.0.0.1:5000";

    private Registry() {}

    /** Serves the folder's content inside a node. */
    public static NodeProcess serve(Node node, Path content) {
        NodeProcess process = node.start("registry", Map.of(), command(node.dir(), content, ADDRESS));
        awaitServing(node, "http://" + ADDRESS);
        return process;
    }

    /** Serves a folder's content inside a node at another address, over TLS with this file of certificate and key if there is one. */
    public static void serveMore(Node node, Path content, String address, @Nullable Path tls) {
        try {
            String label = "registry-" + address.replaceFirst(".*:", "");
            Path dir = Files.createDirectories(node.dir().resolve(label));
            List<String> command = command(dir, content, address);
            if (tls != null) {
                Files.writeString(
                        dir.resolve("registry.yml"),
                        "  tls: {certificate: %1$s, key: %1$s}\n".formatted(tls),
                        StandardOpenOption.APPEND);
            }
            node.start(label, Map.of(), command);
            awaitServing(node, (tls == null ? "http://" : "https://") + address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Serves a folder's content inside a node at another address, to those in {@code users}, a line of htpasswd each. */
    public static NodeProcess serveGuarded(Node node, Path content, String address, String users) {
        try {
            String label = "registry-" + address.replaceFirst(".*:", "");
            Path dir = Files.createDirectories(node.dir().resolve(label));
            List<String> command = command(dir, content, address);
            Path known = Files.writeString(dir.resolve("users"), users);
            Files.writeString(
                    dir.resolve("registry.yml"),
                    "auth: {htpasswd: {realm: e2e, path: %s}}\n".formatted(known),
                    StandardOpenOption.APPEND);
            NodeProcess process = node.start(label, Map.of(), command);
            Waiting.untilTrue(
                    "registry asks who comes",
                    Duration.ofSeconds(20),
                    () -> node.command(
                                    "curl",
                                    "--silent",
                                    "--max-time",
                                    "5",
                                    "--write-out",
                                    "%{http_code}",
                                    "http://" + address + "/v2/")
                            .out()
                            .endsWith("401"));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitServing(Node node, String base) {
        Waiting.untilTrue(
                "registry serves",
                Duration.ofSeconds(20),
                () -> node.command("curl", "--silent", "--insecure", "--fail", "--max-time", "5", base + "/v2/")
                                .status()
                        == 0);
    }

    /** A registry on the machine's own loopback, to push to. */
    public static Filling fill(Path dir, Path content) {
        try {
            String address = "127.0.0.1:" + freePort();
            Files.createDirectories(dir);
            Process process = new ProcessBuilder(command(dir, content, address))
                    .redirectErrorStream(true)
                    .redirectOutput(dir.resolve("filling.log").toFile())
                    .start();
            Filling filling = new Filling(address, process);
            Waiting.untilTrue("registry serves", Duration.ofSeconds(20), filling::serves);
            return filling;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Path dir, Path content, String address) {
        Path config = dir.resolve("registry.yml");
        try {
            Files.writeString(config, """
                version: 0.1
                log: {level: warn}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http:
                  addr: "%s"
                """.formatted(content, address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(Tools.dockerRegistry().toString(), "serve", config.toString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A registry that is being filled; closing it stops it. */
    public record Filling(String address, Process process) implements AutoCloseable {
        private boolean serves() {
            if (!process.isAlive()) {
                throw new IllegalStateException("docker-registry ended at once");
            }
            String[] parts = address.split(":", 2);
            try (var socket = new java.net.Socket(parts[0], Integer.parseInt(parts[1]))) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
