package dev.coracle.e2e.bench;

import dev.coracle.e2e.Containerd;
import dev.coracle.e2e.Coracle;
import dev.coracle.e2e.Rig;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.VersionRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The benchmark's entry point: see e2e/tools/bench.sh for how it is called. Contenders take turns, round by round. */
public final class Bench {
    private static final List<String> ALL = List.of("cycle", "network", "exec", "memory", "log", "pull");
    /** Not among them: it makes some GiB first. */
    private static final String IMAGES = "images";

    private static final int CLIENT_WARM_UP = 5000;

    private final Options options;
    private final Map<Contender, Samples> samples = new LinkedHashMap<>();
    private final Report report;

    private Bench(Options options, List<Contender> contenders) {
        this.options = options;
        this.report =
                new Report(System.out, contenders.stream().map(Contender::name).toList());
        contenders.forEach(c -> samples.put(c, new Samples()));
    }

    public static void main(String[] arguments) {
        Options options = Options.of(arguments);
        List<Contender> contenders = new ArrayList<>();
        try {
            options.contenders().forEach((name, what) -> contenders.add(contender(name, what, options)));
            new Bench(options, contenders).run();
        } finally {
            contenders.forEach(Contender::close);
        }
    }

    private static Contender contender(String name, String what, Options options) {
        Path dir = Path.of(System.getProperty("coracle.bench.dir", "target/bench"));
        return switch (what) {
            case "coracle" -> Contender.started(name, Rig.start(dir, node -> new Coracle(node, Contender.dirs(node))));
            case "containerd" ->
                Contender.started(name, Rig.start(dir, node -> new Containerd(node, Contender.dirs(node))));
            case "containerd-newest" ->
                Contender.started(name, Rig.start(dir, node -> Containerd.newest(node, Contender.dirs(node))));
            default -> Contender.at(name, Path.of(what), dir.resolve("logs").toAbsolutePath(), options.registry());
        };
    }

    private void run() {
        List<String> what = options.what().isEmpty() ? ALL : options.what();
        samples.keySet().forEach(Bench::warmClient);
        report.header(options);
        for (String part : what) {
            switch (part) {
                case "cycle" -> cycle(false);
                case "network" -> cycle(true);
                case "exec" -> exec();
                case "memory" -> memory();
                case "log" -> log();
                case "pull" -> pull();
                case IMAGES -> images();
                default ->
                    throw new IllegalArgumentException("unknown part " + part + ": one of " + ALL + ", " + IMAGES);
            }
        }
    }

    /** Kubelets are compiled: what this JVM takes to compile its own part of a call is nobody's time. */
    private static void warmClient(Contender contender) {
        for (int i = 0; i < CLIENT_WARM_UP; i++) {
            TimedCall.of(
                    contender.client(), RuntimeServiceGrpc.getVersionMethod(), VersionRequest.getDefaultInstance());
        }
    }

    private void inTurns(int rounds, Consumer<Contender> round) {
        for (int i = 0; i < rounds; i++) {
            samples.keySet().forEach(round);
        }
    }

    private Samples of(Contender contender) {
        return samples.computeIfAbsent(contender, c -> new Samples());
    }

    private void fresh() {
        samples.replaceAll((c, s) -> new Samples());
    }

    private void cycle(boolean network) {
        Cycle cycle = new Cycle(network);
        int[] count = {0};
        inTurns(options.warmUp(), c -> cycle.run(c, count[0]++, new Samples()));
        fresh();
        inTurns(options.rounds(), c -> cycle.run(c, count[0]++, of(c)));
        report.times(
                network ? "One pod on a CNI bridge, milliseconds" : "One pod on the host's network, milliseconds",
                List.copyOf(samples.values()));
    }

    private void exec() {
        fresh();
        Map<Contender, Measurements.Running> targets = new LinkedHashMap<>();
        samples.keySet().forEach(c -> targets.put(c, Measurements.Running.start(c, "exec", Contender.WORKLOAD)));
        for (int i = 0; i < options.warmUp(); i++) {
            targets.values().forEach(t -> Measurements.exec(t, new Samples()));
        }
        targets.forEach((c, t) -> {
            for (int i = 0; i < options.rounds(); i++) {
                Measurements.exec(t, of(c));
            }
        });
        for (int i = 0; i < options.rounds(); i++) {
            targets.forEach((c, t) -> Measurements.spacedExec(t, of(c)));
        }
        targets.values().forEach(Measurements.Running::close);
        report.times("Exec, milliseconds", List.copyOf(samples.values()));
    }

    private void memory() {
        report.memory(samples.keySet().stream()
                .map(c -> Measurements.memory(c, options.pods()))
                .toList());
    }

    private void log() {
        inTurns(1, c -> Measurements.logThroughput(c, 1000, 100));
        report.throughput(
                "Log throughput, MiB/s of output",
                List.of("lines of 100 bytes", "lines of 10,000 bytes"),
                samples.keySet().stream()
                        .map(c -> List.of(
                                Measurements.logThroughput(c, options.logLines(), 100),
                                Measurements.logThroughput(c, options.logLines() / 50, 10_000)))
                        .toList());
    }

    private void pull() {
        fresh();
        for (String image : List.of("nginx:1", "layers:40", "busybox:1")) {
            inTurns(Math.min(options.rounds(), 5), c -> Measurements.pull(c, image, of(c)));
        }
        report.times("Pull from a registry on loopback, milliseconds", List.copyOf(samples.values()));
    }

    private void images() {
        fresh();
        PullBench bench = PullBench.prepare(samples.keySet());
        for (String image : PullImages.all().keySet()) {
            for (String transport : PullBench.TRANSPORTS) {
                inTurns(Math.min(options.warmUp(), 1), c -> bench.pull(c, image, transport, new Samples()));
                inTurns(Math.min(options.rounds(), 5), c -> bench.pull(c, image, transport, of(c)));
            }
        }
        report.times("Pull, milliseconds of wall time and of the daemon's CPU time", List.copyOf(samples.values()));
        report.steps(bench.steps());
    }
}
