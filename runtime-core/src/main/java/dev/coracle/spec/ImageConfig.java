package dev.coracle.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about running it: the {@code config} object of an OCI image configuration.
 *
 * @param user {@code name}, {@code uid}, or either with {@code :group}; empty for root
 * @param workingDir empty for {@code /}
 * @param stopSignal null when it names none that exists
 * @param volumes paths that ask for a volume of their own
 */
public record ImageConfig(
        String user,
        List<EnvVar> env,
        List<String> entrypoint,
        List<String> cmd,
        String workingDir,
        @Nullable Signal stopSignal,
        List<String> volumes,
        Map<String, String> labels) {
    /** An image that says nothing. */
    public static final ImageConfig EMPTY =
            new ImageConfig("", List.of(), List.of(), List.of(), "", null, List.of(), Map.of());

    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = List.copyOf(volumes);
        labels = Map.copyOf(labels);
    }
}
