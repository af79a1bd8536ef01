package dev.coracle.image;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How images are pulled.
 *
 * @param hostsDirectory mirrors and settings by registry, in containerd's {@code certs.d} layout; read anew at each pull; null
 *     for none
 * @param parallelLayers how many layers are unpacked at once, for all pulls together; each takes two threads and 1.5 MiB
 * @param patience how long a server may be silent, or bring less than 4 KiB, before the next one is tried
 * @param limits what one image may cost
 */
public record PullSettings(@Nullable Path hostsDirectory, int parallelLayers, Duration patience, PullLimits limits) {
    public static final PullSettings DEFAULT = new PullSettings(null, 3, Duration.ofSeconds(30), PullLimits.DEFAULT);
}
