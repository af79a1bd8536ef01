package dev.coracle.pod;

import dev.coracle.planner.SelinuxPolicy;
import dev.coracle.spec.SelinuxLabel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether SELinux is enabled, and what its policy calls containers. Looks at /sys/fs/selinux, /etc/selinux and /usr/share. */
final class SelinuxProbe {
    private static final Logger LOG = LoggerFactory.getLogger(SelinuxProbe.class);
    private static final String USUAL_POLICY = "targeted";

    private SelinuxProbe() {}

    /**
     * Looks.
     *
     * @param root of the node
     */
    static SelinuxPolicy look(Path root) throws IOException {
        if (!Files.exists(root.resolve("sys/fs/selinux/enforce"))) {
            return SelinuxPolicy.OFF;
        }
        Path etc = root.resolve("etc/selinux");
        String name = values(etc.resolve("config")).getOrDefault("SELINUXTYPE", USUAL_POLICY);
        List<Path> files = List.of(
                root.resolve("usr/share/containers/selinux/contexts"),
                etc.resolve(name).resolve("contexts/lxc_contexts"));
        Optional<Path> file = files.stream().filter(Files::exists).findFirst();
        Map<String, String> contexts = file.isPresent() ? values(file.get()) : Map.of();
        if (!contexts.containsKey("process") || !contexts.containsKey("file")) {
            LOG.warn("containers get no SELinux labels: the policy {} has none for them", name);
            return new SelinuxPolicy(true, SelinuxLabel.NONE, SelinuxLabel.NONE, SelinuxLabel.NONE);
        }
        SelinuxLabel stored = contexts.containsKey("ro_file") ? label(contexts, "ro_file") : SelinuxLabel.NONE;
        return new SelinuxPolicy(true, label(contexts, "process"), label(contexts, "file"), stored);
    }

    private static SelinuxLabel label(Map<String, String> contexts, String key) throws IOException {
        try {
            return SelinuxLabel.parse(contexts.getOrDefault(key, ""));
        } catch (IllegalArgumentException e) {
            throw new IOException("read the SELinux label of containers: " + key + ": " + e.getMessage(), e);
        }
    }

    /** Of lines {@code KEY = "VALUE"}, with or without the blanks and the quotes. */
    private static Map<String, String> values(Path file) throws IOException {
        Map<String, String> values = new HashMap<>();
        if (!Files.exists(file)) {
            return values;
        }
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.startsWith("#")) {
                values.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip().replace("\"", ""));
            }
        }
        return values;
    }
}
