package dev.coracle.image;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How images are pulled. At most {@code ranges.count * ranges.bytes + 2.2 MiB * parallelLayers} lie outside the heap for all pulls
 * together.
 *
 * @param hostsDirectory mirrors and settings by registry, in containerd's {@code certs.d} layout; read anew at each pull; null
 *     for none
 * @param proxies what requests go through
 * @param parallelLayers how many layers are unpacked at once, for all pulls together; each takes two threads
 * @param patience how long a server may be silent, or bring less than 4 KiB, before the next one is tried; one that does not answer is
 *     asked last for twice as long
 * @param limits what one image may cost
 * @param ranges what large layers travel in
 */
public record PullSettings(
        @Nullable Path hostsDirectory,
        Proxies proxies,
        int parallelLayers,
        Duration patience,
        PullLimits limits,
        Ranges ranges) {
    public static final PullSettings DEFAULT = new PullSettings(
            null,
            Proxies.NONE,
            3,
            Duration.ofSeconds(30),
            PullLimits.DEFAULT,
            new Ranges(12, 4 << 20, Duration.ofMillis(32)));

    /**
     * The pieces that large layers come in.
     *
     * @param count how many are in memory at once, for all pulls together
     * @param bytes how long one is
     * @param quick where the first one of a layer comes within so long, the rest comes over one connection
     */
    public record Ranges(int count, int bytes, Duration quick) {}

    /** The usual ones, on a node with this directory, behind these proxies, with these limits and this patience. */
    public static PullSettings on(Path hostsDirectory, Proxies proxies, PullLimits limits, Duration patience) {
        return new PullSettings(hostsDirectory, proxies, DEFAULT.parallelLayers, patience, limits, DEFAULT.ranges);
    }
}
