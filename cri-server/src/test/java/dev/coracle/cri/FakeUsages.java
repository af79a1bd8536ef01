package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.pod.ContainerUsage;
import dev.coracle.pod.PodFigures;
import dev.coracle.pod.PodUsage;
import dev.coracle.pod.Usages;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Usage as a test says. */
final class FakeUsages implements Usages {
    final Map<String, ContainerUsage> containers = new ConcurrentHashMap<>();
    final Map<String, PodUsage> pods = new ConcurrentHashMap<>();

    final List<PodFigures> figures = new CopyOnWriteArrayList<>();

    @Override
    public ContainerUsage container(String id) {
        return known(containers, "container", id);
    }

    @Override
    public Stream<ContainerUsage> containers(Predicate<ContainerRecord> wanted) {
        return containers.values().stream().filter(usage -> wanted.test(usage.container()));
    }

    @Override
    public PodUsage pod(String id) {
        return known(pods, "pod sandbox", id);
    }

    @Override
    public Stream<PodUsage> pods(Predicate<PodRecord> wanted) {
        return pods.values().stream().filter(usage -> wanted.test(usage.pod()));
    }

    @Override
    public Stream<PodFigures> figures() {
        return figures.stream();
    }

    private static <U> U known(Map<String, U> usages, String kind, String id) {
        U usage = usages.get(id);
        if (usage == null) {
            throw new NotFound(kind, id);
        }
        return usage;
    }
}
