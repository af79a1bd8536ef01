package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.stats.GroupFiles;
import dev.coracle.stats.GroupReader;
import dev.coracle.stats.GroupReader.Subject;
import dev.coracle.stats.InterfaceUsage;
import dev.coracle.stats.NetworkReader;
import dev.coracle.store.StorePaths;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Usage from cgroup files and /proc. Free of state but for samples and counts of earlier times, which guard themselves; any thread.
 *
 * <p>A rate needs two samples. Whoever asks leaves one; and where nobody asks, one small file of each group is read every ten seconds, so
 * that the first who does gets an answer.
 */
final class NodeUsages implements Usages {
    private static final Logger LOG = LoggerFactory.getLogger(NodeUsages.class);
    private static final Duration SAMPLED_EVERY = Duration.ofSeconds(10);

    private final Site site;
    private final PodTable table;
    private final Plans plans;
    private final StorePaths paths;
    private final GroupReader reader;
    private final LayerUsage layers;

    NodeUsages(Site site) {
        this.site = site;
        this.table = site.table();
        this.plans = site.plans();
        this.paths = site.node().paths();
        this.reader = new GroupReader(java.time.Clock.systemUTC());
        this.layers = new LayerUsage(paths, site.node().clock());
    }

    @Override
    public ContainerUsage container(String id) {
        PodTable.Held held = table.knownContainer(id);
        ContainerRecord container =
                held.record().filter(ContainerRecord::listed).orElseThrow(() -> new NotFound("container", id));
        if (!runs(container)) {
            throw new WrongState(
                    "measure container " + container.spec().metadata().name(),
                    "it is " + States.word(container.state()) + ", not running");
        }
        return usage(held.pod().view().pod(), container, layers.patience());
    }

    @Override
    public Stream<ContainerUsage> containers(Predicate<ContainerRecord> wanted) {
        LayerUsage.Patience patience = layers.patience();
        return table.pods().stream().flatMap(pod -> containers(pod.view(), wanted, patience));
    }

    private Stream<ContainerUsage> containers(
            View view, Predicate<ContainerRecord> wanted, LayerUsage.Patience patience) {
        return view.containers().stream()
                .filter(container -> runs(container) && wanted.test(container))
                .flatMap(container -> unlessGone(() -> usage(view.pod(), container, patience)));
    }

    private ContainerUsage usage(PodRecord pod, ContainerRecord container, LayerUsage.Patience patience) {
        return new ContainerUsage(
                container, reader.read(subject(container), files(pod, container)), layers.of(container.id(), patience));
    }

    @Override
    public PodUsage pod(String id) {
        View view = table.knownPod(id).view();
        if (!view.pod().listed()) {
            throw new NotFound("pod sandbox", id);
        }
        if (!view.pod().ready()) {
            throw new WrongState("measure pod " + view.pod().spec().metadata().name(), "it is not ready");
        }
        return usage(view, NetworkReader.read(namespaces(List.of(view))), layers.patience());
    }

    @Override
    public Stream<PodFigures> figures() {
        List<View> views = ready(_ -> true);
        FigureSource source = new FigureSource(site, layers, NetworkReader.figures(namespaces(views)));
        return views.stream().flatMap(view -> unlessGone(() -> source.of(view)));
    }

    private List<View> ready(Predicate<PodRecord> wanted) {
        return table.pods().stream()
                .map(Pod::view)
                .filter(view -> view.pod().ready() && wanted.test(view.pod()))
                .toList();
    }

    @Override
    public Stream<PodUsage> pods(Predicate<PodRecord> wanted) {
        List<View> views = ready(wanted);
        Map<PodId, List<InterfaceUsage>> networks = NetworkReader.read(namespaces(views));
        LayerUsage.Patience patience = layers.patience();
        return views.stream().flatMap(view -> unlessGone(() -> usage(view, networks, patience)));
    }

    private PodUsage usage(View view, Map<PodId, List<InterfaceUsage>> networks, LayerUsage.Patience patience) {
        PodRecord pod = view.pod();
        GroupFiles files = CgroupFiles.figures(plans.group(pod));
        return new PodUsage(
                pod,
                reader.read(subject(pod), files),
                GroupReader.processes(files).size(),
                networks.getOrDefault(pod.id(), List.of()),
                containers(view, _ -> true, patience).toList());
    }

    /** Of those with a network of their own. */
    private Map<PodId, Path> namespaces(List<View> views) {
        Map<PodId, Path> namespaces = new LinkedHashMap<>();
        for (View view : views) {
            if (Networks.isOwn(view.pod())) {
                namespaces.put(view.pod().id(), paths.netns(view.pod().id()));
            }
        }
        return namespaces;
    }

    /** What ended between two looks is left out: the others still count. */
    static <T> Stream<T> unlessGone(Supplier<T> measure) {
        try {
            return Stream.of(measure.get());
        } catch (NotFound e) {
            LOG.debug("it ended while it was measured", e);
            return Stream.empty();
        }
    }

    private GroupFiles files(PodRecord pod, ContainerRecord container) {
        return CgroupFiles.figures(plans.group(pod, container));
    }

    static boolean runs(ContainerRecord container) {
        return container.state() instanceof ContainerState.Running
                || container.state() instanceof ContainerState.Stopping;
    }

    private static Subject subject(ContainerRecord container) {
        return new Subject(container.id().value(), startedAt(container));
    }

    static long startedAt(ContainerRecord container) {
        return switch (container.state()) {
            case ContainerState.Running running -> running.startedAt();
            case ContainerState.Stopping stopping -> stopping.startedAt();
            default -> 0;
        };
    }

    /** The group of a later attempt is as old as the first. */
    private static Subject subject(PodRecord pod) {
        boolean first = pod.spec().metadata().attempt() == 0;
        return new Subject(pod.id().value(), first ? pod.createdAt() : 0);
    }

    /** Until it is interrupted. */
    void sampleForEver() {
        try {
            while (true) {
                sampleAll();
                TimeUnit.NANOSECONDS.sleep(SAMPLED_EVERY.toNanos());
            }
        } catch (InterruptedException _) {
            LOG.debug("the daemon is ending");
        }
    }

    private void sampleAll() {
        Set<String> known = new HashSet<>();
        for (Pod pod : table.pods()) {
            View view = pod.view();
            if (view.pod().ready()) {
                known.add(view.pod().id().value());
                sample(subject(view.pod()), CgroupFiles.figures(plans.group(view.pod())));
            }
            for (ContainerRecord container : view.containers()) {
                known.add(container.id().value());
                if (runs(container)) {
                    sample(subject(container), files(view.pod(), container));
                }
            }
        }
        reader.keep(known);
        layers.keep(known);
    }

    private void sample(Subject subject, GroupFiles files) {
        try {
            reader.sample(subject, files);
        } catch (RuntimeFailure e) {
            LOG.debug("sample {}: {}", subject.id(), e.getMessage());
        }
    }
}
