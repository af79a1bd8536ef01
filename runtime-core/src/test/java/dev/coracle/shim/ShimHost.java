package dev.coracle.shim;

import static org.awaitility.Awaitility.await;

import dev.coracle.plan.Plan;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** A run directory with real shims, and what they tell; closing it leaves no process and no file behind. */
final class ShimHost implements ShimEvents, AutoCloseable {
    static final Path BINARY = Path.of(System.getProperty("coracle.shim", "target/shim/coracle-shim"));
    static final Duration DEADLINE = Duration.ofSeconds(20);

    private static final Random RANDOM = new Random();

    final Path run;
    final Map<String, Exit> exits = new ConcurrentHashMap<>();
    final Queue<Stuck> stuck = new ConcurrentLinkedQueue<>();
    final Queue<PodId> lost = new ConcurrentLinkedQueue<>();
    private final List<Long> pids = new ArrayList<>();
    private SpawnedShims shims;

    ShimHost() {
        this(BINARY);
    }

    ShimHost(Path binary) {
        try {
            run = Files.createTempDirectory("shim-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        shims = SpawnedShims.start(binary, run, List.of(), this);
    }

    static String newId() {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < 64; i++) {
            id.append(Character.forDigit(RANDOM.nextInt(16), 16));
        }
        return id.toString();
    }

    /** Executes a plan for this once. */
    static Session exec(Shim shim, Plan plan) {
        return shim.exec(shim.write(() -> plan), DEADLINE);
    }

    /** As if the daemon had been killed and started again. */
    void restart() {
        shims.close();
        exits.clear();
        shims = SpawnedShims.start(BINARY, run, List.of(), this);
    }

    SpawnedShims shims() {
        return shims;
    }

    Path directory(PodId pod) {
        return run.resolve(pod.value());
    }

    Path log(String id) {
        return run.resolve(id.substring(0, 8) + ".log");
    }

    Shim open() {
        PodId pod = new PodId(newId());
        try {
            Files.createDirectory(directory(pod));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Shim shim = shims.open(pod, directory(pod));
        pids.add(shim.pid());
        return shim;
    }

    Reconnected reconnect(Shim shim) {
        return shims.reconnect(shim.pod(), directory(shim.pod())).orElseThrow();
    }

    /** Starts a container and returns its id. */
    String start(Shim shim, String script) {
        String id = newId();
        shim.execute(TinyPlans.container(id, script, log(id)), DEADLINE);
        return id;
    }

    Exit awaitExit(String id) {
        await().atMost(DEADLINE).pollInterval(Duration.ofMillis(5)).until(() -> exits.containsKey(id));
        return java.util.Objects.requireNonNull(exits.get(id));
    }

    /** The lines of a log without their times: {@code stdout F text}. */
    List<String> lines(Path log) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(line -> line.substring(line.indexOf(' ') + 1)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void exited(PodId pod, Exit exit) {
        exits.put(exit.id(), exit);
    }

    @Override
    public void stuck(PodId pod, Stuck process) {
        stuck.add(process);
    }

    @Override
    public void lost(PodId pod) {
        lost.add(pod);
    }

    /** Shims are killed after the connections are closed, so what is in {@link #lost} then was lost before. */
    @Override
    public void close() {
        shims.close();
        for (long pid : pids) {
            ProcessHandle.of(pid).ifPresent(shim -> {
                List<ProcessHandle> all = shim.descendants().toList();
                all.forEach(ProcessHandle::destroyForcibly);
                shim.destroyForcibly();
                shim.onExit().join();
            });
        }
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
