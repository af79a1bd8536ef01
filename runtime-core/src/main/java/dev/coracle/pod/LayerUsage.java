package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.TreeUsage;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much containers have written. Counting means walking through all of it, which takes as long as it takes: one platform thread counts, in
 * turn, and who asks gets the last count, unless a fresh one comes at once. Concurrent maps; any thread.
 */
final class LayerUsage {
    private static final Logger LOG = LoggerFactory.getLogger(LayerUsage.class);
    private static final Duration FRESH = Duration.ofSeconds(10);
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    /** A tree that takes long to count is counted seldom: one part in so many of a processor goes into it. */
    private static final long PAUSE_FACTOR = 100;

    private final StorePaths paths;
    private final Clock clock;
    private final Map<ContainerId, Count> last = new ConcurrentHashMap<>();
    private final Map<ContainerId, CompletableFuture<DiskUsage>> counting = new ConcurrentHashMap<>();
    private final ExecutorService counter = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("layer-usage").factory());

    LayerUsage(StorePaths paths, Clock clock) {
        this.paths = paths;
        this.clock = clock;
    }

    /** How long one call waits for counts, however many it asks for. */
    record Patience(long until) {
        private long left() {
            return Math.max(0, until - System.nanoTime());
        }
    }

    /** For a call that begins now. */
    Patience patience() {
        return new Patience(System.nanoTime() + AT_ONCE.toNanos());
    }

    /** The last count; null where there is none yet. */
    @Nullable
    DiskUsage of(ContainerId container, Patience patience) {
        Count known = last.get(container);
        if (known != null && clock.realtime() < known.staleAt()) {
            return known.usage();
        }
        CompletableFuture<DiskUsage> count = counting.computeIfAbsent(container, this::begin);
        return await(container, count, patience, known == null ? null : known.usage());
    }

    private static @Nullable DiskUsage await(
            ContainerId container, CompletableFuture<DiskUsage> count, Patience patience, @Nullable DiskUsage known) {
        try {
            return count.get(patience.left(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("count what container {} has written", container, e);
            return known;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return known;
        }
    }

    private CompletableFuture<DiskUsage> begin(ContainerId container) {
        CompletableFuture<DiskUsage> count = new CompletableFuture<>();
        counter.execute(() -> {
            try {
                long begun = clock.monotonic();
                DiskUsage usage =
                        TreeUsage.of(paths.upper(container), paths.state().toString(), clock.realtime());
                long again = Math.max(FRESH.toNanos(), PAUSE_FACTOR * (clock.monotonic() - begun));
                last.put(container, new Count(usage, usage.timestamp() + again));
                count.complete(usage);
            } catch (IOException | RuntimeException e) {
                count.completeExceptionally(e);
            } finally {
                counting.remove(container);
            }
        });
        return count;
    }

    /** Forgets the counts of all containers but these. */
    void keep(Set<String> ids) {
        last.keySet().removeIf(container -> !ids.contains(container.value()));
    }

    /** {@code staleAt} in ns since the epoch: from then on it is counted anew. */
    private record Count(DiskUsage usage, long staleAt) {}
}
