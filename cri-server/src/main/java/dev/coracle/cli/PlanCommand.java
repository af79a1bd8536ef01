package dev.coracle.cli;

import dev.coracle.cri.CriJson;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Plan;
import dev.coracle.planner.Host;
import dev.coracle.pod.HostProbe;
import dev.coracle.pod.PlanPreview;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code coracle plan}: what a pod and a container would be made of, from the JSON that crictl takes. It asks no daemon and changes
 * nothing; the image must have been pulled.
 */
final class PlanCommand {
    private static final String HANDLER = "--handler";
    private static final String POD_ID = "--pod-id";
    private static final String CONTAINER_ID = "--container-id";
    private static final String WRITE = "--write";

    /** Of its own, with a few words for the help text. */
    static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put(HANDLER + " NAME", "the pod's runtime handler");
        OPTIONS.put(POD_ID + " ID", "64 hex digits; the daemon makes them up (0000…)");
        OPTIONS.put(CONTAINER_ID + " ID", "the same of the container (1111…)");
        OPTIONS.put(WRITE + " DIR", "also writes the plans as coracle-shim reads them");
    }

    private final Config config;
    private final Arguments arguments;

    private PlanCommand(Config config, Arguments arguments) {
        this.config = config;
        this.arguments = arguments;
    }

    /**
     * Takes {@code [OPTIONS] POD.json [CONTAINER.json]}.
     *
     * @throws UsageError if that is not what is given
     */
    static PlanCommand of(List<String> given) {
        Set<String> known = new TreeSet<>(Commands.configOptions());
        OPTIONS.keySet().forEach(option -> known.add(option.substring(0, option.indexOf(' '))));
        Arguments arguments = Arguments.parse(given, known);
        int files = arguments.operands().size();
        if (files == 0) {
            throw new UsageError(
                    "plan needs POD.json, a PodSandboxConfig, and may take CONTAINER.json, a ContainerConfig");
        } else if (files > 2) {
            throw new UsageError("unexpected argument " + arguments.operands().get(2));
        }
        return new PlanCommand(Config.of(arguments), arguments);
    }

    /**
     * Prints the plans, one after the other.
     *
     * @throws RuntimeFailure as the daemon would refuse the pod or the container
     */
    void print(PrintStream out) {
        Map<String, Plan> plans = plans();
        plans.values().forEach(plan -> out.print(plan.text()));
        arguments
                .option(WRITE)
                .map(Path::of)
                .ifPresent(directory -> plans.forEach((name, plan) -> {
                    try {
                        Files.createDirectories(directory);
                        Files.write(directory.resolve(name + ".plan"), plan.encode());
                    } catch (IOException e) {
                        throw new UncheckedIOException("write plans to " + directory, e);
                    }
                }));
    }

    private Map<String, Plan> plans() {
        PodId podId = new PodId(id(POD_ID, "0"));
        SandboxSpec pod = CriJson.sandboxSpec(
                text(arguments.operands().getFirst()), arguments.option(HANDLER).orElse(""));
        Optional<ContainerSpec> container =
                arguments.operands().stream().skip(1).findFirst().map(file -> CriJson.containerSpec(text(file)));
        PlanPreview preview =
                new PlanPreview(host(), config.planHandlers(), new StorePaths(config.run(), config.state()));
        Map<String, Plan> plans = new LinkedHashMap<>();
        plans.put("sandbox", preview.sandbox(podId, pod));
        container.ifPresent(spec -> {
            List<Plan> both = preview.container(podId, pod, new ContainerId(id(CONTAINER_ID, "1")), spec);
            plans.put("create", both.getFirst());
            plans.put("start", both.getLast());
        });
        return plans;
    }

    /** As a daemon started in this place with these rights would find it. */
    private Host host() {
        Path scratch =
                Files.isDirectory(config.state()) ? config.state() : Path.of(System.getProperty("java.io.tmpdir"));
        return HostProbe.probe(scratch, scratch, Installation.shim());
    }

    private String id(String option, String digit) {
        String id = arguments.option(option).orElse(digit.repeat(64));
        if (!id.matches("[0-9a-f]{64}")) {
            throw new UsageError(option + ": not 64 hex digits: " + id);
        }
        return id;
    }

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new UsageError(file + ": no such file");
        } catch (IOException e) {
            throw new UsageError(file + ": cannot be read: " + e.getMessage());
        }
    }
}
