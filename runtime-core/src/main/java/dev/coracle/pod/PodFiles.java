package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.Dns;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.state.PodRecord;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that all containers of a pod see in {@code /etc}. Written once, before anybody can see them; any thread. */
final class PodFiles {
    private static final Path HOST_HOSTS = Path.of("/etc/hosts");
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");

    private final StorePaths paths;
    private final String hostname;

    /** {@code hostname} is the node's own. */
    PodFiles(StorePaths paths, String hostname) {
        this.paths = paths;
        this.hostname = hostname;
    }

    /**
     * Writes them, and makes the directory that logs go to.
     *
     * @throws InvalidSpec if that cannot be made
     */
    void write(PodRecord pod) {
        SandboxSpec spec = pod.spec();
        boolean hostNetwork = spec.security().namespaces().hostNetwork();
        String name = spec.hostname().isEmpty() ? hostname : spec.hostname();
        put(paths.hostname(pod.id()), name + "\n");
        put(paths.hosts(pod.id()), hostNetwork ? copied(HOST_HOSTS) : hosts(name));
        put(paths.resolvConf(pod.id()), resolvConf(spec.dns()));
        makeLogDirectory(spec.logDirectory());
    }

    /** A kubelet mounts a file of its own here; this one is for clients that do not. */
    static String hosts(String name) {
        return """
            127.0.0.1 localhost
            ::1 localhost ip6-localhost ip6-loopback
            fe00::0 ip6-localnet
            ff00::0 ip6-mcastprefix
            ff02::1 ip6-allnodes
            ff02::2 ip6-allrouters
            127.0.1.1 %s
            """.formatted(name);
    }

    /** What was asked for, or else the node's own. */
    static String resolvConf(@Nullable Dns dns) {
        if (dns == null) {
            return copied(HOST_RESOLV_CONF);
        }
        StringBuilder text = new StringBuilder();
        line(text, "search", dns.searches());
        dns.servers().forEach(server -> line(text, "nameserver", List.of(server)));
        line(text, "options", dns.options());
        return text.toString();
    }

    private static void line(StringBuilder text, String keyword, List<String> values) {
        if (!values.isEmpty()) {
            text.append(keyword).append(' ').append(String.join(" ", values)).append('\n');
        }
    }

    private static String copied(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new Exhausted("copy " + file, String.valueOf(e.getMessage()), e);
        }
    }

    private static void put(Path file, String content) {
        try {
            Files.writeString(file, content);
            // Containers see it as this file itself, and not only root reads it.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (IOException e) {
            throw new Exhausted("write " + file, String.valueOf(e.getMessage()), e);
        }
    }

    private static void makeLogDirectory(String directory) {
        if (directory.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(Path.of(directory));
        } catch (IOException e) {
            throw new InvalidSpec("log_directory", "cannot be made: " + e);
        }
    }
}
