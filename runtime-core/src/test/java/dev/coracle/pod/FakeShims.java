package dev.coracle.pod;

import dev.coracle.plan.Plan;
import dev.coracle.shim.Exit;
import dev.coracle.shim.Reconnected;
import dev.coracle.shim.Shim;
import dev.coracle.shim.Shims;
import dev.coracle.spec.PodId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Shims that carry nothing out. An earlier daemon's live where a test says so. Any thread. */
final class FakeShims implements Shims {
    /** Those that an earlier daemon left. */
    final Map<PodId, FakeShim> alive = new ConcurrentHashMap<>();

    final Map<PodId, FakeShim> opened = new ConcurrentHashMap<>();
    /** What else happens when an opened one carries a plan out; may fail. */
    volatile Consumer<Plan> onPlan = plan -> {};

    /** What the living ones have to tell. */
    final List<Exit> exits = new CopyOnWriteArrayList<>();

    final List<Long> plans = new CopyOnWriteArrayList<>();

    @Override
    public Shim open(PodId pod, Path directory) {
        return opened.computeIfAbsent(pod, id -> {
            FakeShim shim = new FakeShim(id);
            shim.onPlan = plan -> onPlan.accept(plan);
            return shim;
        });
    }

    @Override
    public Optional<Reconnected> reconnect(PodId pod, Path directory) {
        return Optional.ofNullable(alive.get(pod))
                .map(shim -> new Reconnected(shim, List.copyOf(shim.running.values()), plans, exits));
    }

    @Override
    public void close() {}
}
