package dev.coracle.planner;

import dev.coracle.linux.SeccompCompiler;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.plan.PlanResult;
import dev.coracle.plan.ProgramOp;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ImageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What kernel tests run plans on: a directory with an image of busybox in two layers, a pod's files, and a folder for each
 * scenario. It is filled here and may be used under another path, that of a virtual machine. One thread.
 */
final class KernelRig {
    static final String CGROUPS = "/coracle-test-planner";

    /**
     * A pod with a container, from its namespaces to its end.
     *
     * @param plans in order
     * @param check what must have come of it
     */
    record Scenario(String name, List<Plan> plans, Consumer<KernelOutcome> check) {}

    final Host host;
    final String base;
    private final Path staging;
    private final List<Scenario> scenarios = new ArrayList<>();

    /** Files are put into {@code staging}; plans name them below {@code base}. */
    KernelRig(Path staging, String base, Host host) {
        this.staging = staging;
        this.base = base;
        this.host = host;
        try {
            new BusyboxImage(staging).make();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Samples whose paths are this rig's, with a cgroup parent and ids of the scenario's own. */
    Samples samples(String name) {
        Samples samples = new Samples();
        samples.cgroupParent = CGROUPS + "/" + name;
        samples.directory = base + "/pod";
        samples.netns = "/run/netns/coracle-test-" + name;
        samples.command = List.of("/bin/sh", "-c");
        samples.logPath = "";
        samples.image = new ImageConfig("", List.of(), List.of(), List.of(), "", null, List.of(), Map.of());
        return samples;
    }

    /** A directory or file for a volume, seen from the host. */
    String volume(String name, String content) {
        try {
            Path path = staging.resolve("volumes").resolve(name);
            if (content.isEmpty()) {
                Files.createDirectories(path);
            } else {
                Files.createDirectories(path.resolveSibling("."));
                Files.writeString(path, content);
            }
            return base + "/volumes/" + name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Layers layers(String name, int count) {
        try {
            for (String part : List.of("upper", "work")) {
                Files.createDirectories(
                        staging.resolve("writable").resolve(name).resolve(part));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("n" + i);
        }
        String writable = base + "/writable/" + name;
        return new Layers(base + "/layers", names, writable + "/upper", writable + "/work", Layers.Root.USUAL);
    }

    /** Runs {@code script} in the container of the samples, then takes all down. */
    void add(String name, Samples samples, String script, Consumer<KernelOutcome> check) {
        add(name, samples, script, List.of(), check);
    }

    /** The same with plans between the container's start and its end. */
    void add(String name, Samples samples, String script, List<Plan> between, Consumer<KernelOutcome> check) {
        samples.args = List.of("exec 2>&1\n" + script);
        add(name, samples, 2, between, check);
    }

    void add(String name, Samples samples, int layers, List<Plan> between, Consumer<KernelOutcome> check) {
        List<Plan> plans = new ArrayList<>();
        ContainerPlanner containers = new ContainerPlanner(host, Settings.DEFAULT);
        plans.add(new SandboxPlanner(host, Settings.DEFAULT).plan(samples.pod(), initFilter(samples)));
        plans.add(containers.create(samples.order(), layers(name, layers), samples.images));
        plans.add(containers.start(samples.order(), samples.facts()));
        plans.addAll(between);
        plans.add(new TeardownPlanner(host).pod(samples.pod(), List.of(Samples.CONTAINER, Samples.OTHER)));
        scenarios.add(new Scenario(name, plans, check));
    }

    private @Nullable SeccompFilter initFilter(Samples samples) {
        return ProfileRules.ofInit(samples.pod().spec().security(), host)
                .map(profile -> new SeccompFilter(Bytes.of(SeccompCompiler.compile(profile)), Set.of()))
                .orElse(null);
    }

    Plan exec(Samples samples, String script) {
        return new ExecPlanner(host, Settings.DEFAULT).plan(samples.exec("/bin/sh", "-c", "exec 2>&1\n" + script));
    }

    /** A second container of the pod, without a group of its own to look at. */
    List<Plan> other(String name, Samples samples, String script) {
        samples.args = List.of(script);
        ContainerOrder order = new ContainerOrder(Samples.OTHER, samples.pod(), samples.container(), samples.image);
        ContainerPlanner containers = new ContainerPlanner(host, Settings.DEFAULT);
        return List.of(
                containers.create(order, layers(name + "-other", 2), samples.images),
                containers.start(order, samples.facts()));
    }

    static ContainerId id() {
        return Samples.CONTAINER;
    }

    /** A command of the host, between two plans. Its output is an answer. */
    static Plan onHost(String script) {
        List<String> command = List.of("/bin/busybox", "sh", "-c", script);
        List<String> environment = List.of("PATH=/bin:/usr/bin:/sbin:/usr/sbin");
        return Plan.titled("host")
                .host(new ProgramOp.Run(command, environment, Bytes.EMPTY, 1 << 20, 20_000, "host"))
                .build();
    }

    void addAll() {
        KernelScenarios.addTo(this);
        VolumeScenarios.addTo(this);
        ProcessScenarios.addTo(this);
        LimitScenarios.addTo(this);
        UserNamespaceScenarios.addTo(this);
    }

    List<Scenario> scenarios() {
        return scenarios;
    }

    /** Writes the plans of each scenario, and a script that runs them all: its argument is the shim, its output goes to {@code out}. */
    void write(String shim, String out) throws IOException {
        StringBuilder script = new StringBuilder("cd " + base + "\nmkdir -p " + out + "\n");
        for (Scenario scenario : scenarios) {
            Path directory = Files.createDirectories(staging.resolve("plans").resolve(scenario.name()));
            String here = base + "/plans/" + scenario.name();
            StringBuilder files = new StringBuilder();
            for (int i = 0; i < scenario.plans().size(); i++) {
                Files.write(
                        directory.resolve(i + ".plan"), scenario.plans().get(i).encode());
                files.append(" ").append(here).append("/").append(i).append(".plan");
            }
            String result = out + "/" + scenario.name();
            script.append("mkdir ").append(result).append("\n");
            script.append("cat /proc/self/mountinfo > ").append(result).append("/before\n");
            script.append(shim + " --run-plans " + result + files + " > " + result + "/output 2>&1 < /dev/null\n");
            script.append("cat /proc/self/mountinfo > ").append(result).append("/after\n");
            script.append("ls /run/netns > ").append(result).append("/netns 2>&1\n");
        }
        script.append("true\n");
        Files.writeString(staging.resolve("run-all"), script);
    }

    /** Reads what the script left of one scenario. */
    KernelOutcome outcome(Scenario scenario, Path out) throws IOException {
        Path directory = out.resolve(scenario.name());
        List<PlanResult> results = new ArrayList<>();
        for (int i = 0; i < scenario.plans().size(); i++) {
            Path result = directory.resolve(i + ".result");
            results.add(
                    Files.exists(result)
                            ? PlanResult.decode(Files.readAllBytes(result))
                            : new PlanResult(Answers.NONE, Optional.empty()));
        }
        return new KernelOutcome(
                scenario.plans(),
                Files.readString(directory.resolve("output"), StandardCharsets.ISO_8859_1),
                results,
                newMounts(directory),
                Files.readString(directory.resolve("netns")));
    }

    /** Others may mount what they like meanwhile. */
    private List<String> newMounts(Path directory) throws IOException {
        List<String> before = Files.readAllLines(directory.resolve("before"));
        return Files.readAllLines(directory.resolve("after")).stream()
                .filter(line -> !before.contains(line))
                .filter(line -> line.contains(base) || line.contains("coracle-test"))
                .toList();
    }

    /** Symlinks and all. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
