package dev.coracle.e2e.bench;

import dev.coracle.e2e.Pods;
import dev.coracle.e2e.RunningContainer;
import dev.coracle.e2e.Waiting;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ExecSyncRequest;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is measured besides the life of a pod: each takes a contender and returns figures. */
final class Measurements {
    /** Seconds until daemons have given back what they need no more. */
    private static final int SETTLING = 90;

    /** Execs before it is another runtime's turn: what follows that one's is not back to back with anything. */
    private static final int IN_A_ROW = 5;

    private Measurements() {}

    /** One container on the host's network, running; close it to remove its pod. */
    record Running(Contender contender, PodSandboxConfig pod, String sandbox, RunningContainer container)
            implements AutoCloseable {
        static Running start(Contender contender, String name, String... command) {
            PodSandboxConfig pod = contender.pod(Pods.named(name).hostNetwork());
            ContainerConfig config =
                    contender.container("busybox:1").command(command).in(pod);
            Cycle.logFolder(pod, config);
            String sandbox = contender.client().runPod(pod);
            String id = contender.client().createContainer(sandbox, config, pod);
            contender.client().startContainer(id);
            Path log = Path.of(pod.getLogDirectory(), config.getLogPath());
            return new Running(contender, pod, sandbox, new RunningContainer(contender.client(), id, log));
        }

        @Override
        public void close() {
            contender.client().stopPod(sandbox);
            contender.client().removePod(sandbox);
            contender.removed(pod);
        }
    }

    /** ExecSync of "true": one after another, and with the pauses that probes have. */
    static void exec(Running target, Samples samples) {
        for (int i = 0; i < IN_A_ROW; i++) {
            samples.add("ExecSync true, back to back", timeOfExec(target));
        }
    }

    static void spacedExec(Running target, Samples samples) {
        Waiting.sleep(Duration.ofMillis(60));
        samples.add("ExecSync true, 60 ms apart", timeOfExec(target));
    }

    private static long timeOfExec(Running target) {
        ExecSyncRequest request = ExecSyncRequest.newBuilder()
                .setContainerId(target.container().id())
                .addCmd("true")
                .build();
        var call = TimedCall.of(target.contender().client(), RuntimeServiceGrpc.getExecSyncMethod(), request);
        if (call.answer().getExitCode() != 0) {
            throw new IllegalStateException(
                    "exec true: exit code " + call.answer().getExitCode());
        }
        return call.nanos();
    }

    /** Kilobytes of memory at a number of idle pods. */
    record Memory(
            int pods,
            double daemonBefore,
            double daemonAfter,
            double daemonLater,
            double perPod,
            double processesPerPod) {}

    static Memory memory(Contender contender, int count) {
        double daemonBefore = contender.daemon().map(Measurements::pss).orElse(Double.NaN);
        List<Long> helpersBefore = contender.helpers();
        double before = pss(helpersBefore);
        List<Running> pods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pods.add(Running.start(contender, "idle-" + i, Contender.WORKLOAD));
        }
        Waiting.sleep(Duration.ofSeconds(3));
        double daemonAfter = contender.daemon().map(Measurements::pss).orElse(Double.NaN);
        listEverySecond(contender);
        List<Long> helpers = contender.helpers();
        Memory memory = new Memory(
                count,
                daemonBefore,
                daemonAfter,
                contender.daemon().map(Measurements::pss).orElse(Double.NaN),
                (pss(helpers) - before) / count,
                (helpers.size() - helpersBefore.size()) / (double) count);
        pods.forEach(Running::close);
        return memory;
    }

    /** What a kubelet does all the time. */
    private static void listEverySecond(Contender contender) {
        for (int i = 0; i < SETTLING; i++) {
            Waiting.sleep(Duration.ofSeconds(1));
            contender.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
            contender.client().runtime().listContainers(ListContainersRequest.getDefaultInstance());
        }
    }

    private static double pss(List<Long> pids) {
        return pids.stream().mapToDouble(Measurements::pss).sum();
    }

    /** The proportional set size in KiB; 0 for a process that has ended. */
    static double pss(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "smaps_rollup")).stream()
                    .filter(l -> l.startsWith("Pss:"))
                    .mapToDouble(l -> Double.parseDouble(l.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /** MiB of output per second that get to the log, from start to the exit being seen. */
    static double logThroughput(Contender contender, int lines, int width) {
        long begin = System.nanoTime();
        try (Running running =
                Running.start(contender, "log", "/t/lines", String.valueOf(lines), String.valueOf(width))) {
            running.container().awaitExit(Duration.ofMinutes(5));
            double seconds = (System.nanoTime() - begin) / 1e9;
            long size = Files.size(running.container().logFile());
            if (size < (long) lines * width) {
                throw new IllegalStateException("the log is not whole: " + size + " bytes");
            }
            return (double) lines * (width + 1) / (1 << 20) / seconds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** PullImage of an image that is not there. */
    static void pull(Contender contender, String image, Samples samples) {
        ImageSpec spec = ImageSpec.newBuilder().setImage(contender.image(image)).build();
        var _ = contender
                .client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
        contender.forgetImages();
        Waiting.sleep(Duration.ofMillis(500));
        samples.time("PullImage " + image, () -> contender.client().pull(contender.image(image)));
    }
}
