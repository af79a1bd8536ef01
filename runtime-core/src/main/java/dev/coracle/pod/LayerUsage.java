package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.TreeUsage;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
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

    private final StorePaths paths;
    private final Clock clock;
    private final Map<ContainerId, DiskUsage> last = new ConcurrentHashMap<>();
    private final Map<ContainerId, CompletableFuture<DiskUsage>> counting = new ConcurrentHashMap<>();
    private final ExecutorService counter = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("layer-usage").factory());

    LayerUsage(StorePaths paths, Clock clock) {
        this.paths = paths;
        this.clock = clock;
    }

    /** The last count; null where there is none yet. */
    @Nullable
    DiskUsage of(ContainerId container) {
        DiskUsage known = last.get(container);
        if (known != null && clock.realtime() - known.timestamp() < FRESH.toNanos()) {
            return known;
        }
        CompletableFuture<DiskUsage> count = counting.computeIfAbsent(container, this::begin);
        try {
            return count.get(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
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
                DiskUsage usage =
                        TreeUsage.of(paths.upper(container), paths.state().toString(), clock.realtime());
                last.put(container, usage);
                count.complete(usage);
            } catch (IOException | RuntimeException e) {
                count.completeExceptionally(e);
            } finally {
                counting.remove(container);
            }
        });
        return count;
    }

    void forget(ContainerId container) {
        last.remove(container);
    }
}
