package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A program that runs in a {@link Node}, under a supervisor that adopts whatever the program leaves behind. */
public final class NodeProcess implements AutoCloseable {
    private final Process supervisor;
    private final ProcessHandle main;
    private final Path out;
    private final Path err;

    private NodeProcess(Process supervisor, ProcessHandle main, Path out, Path err) {
        this.supervisor = supervisor;
        this.main = main;
        this.out = out;
        this.err = err;
    }

    static NodeProcess start(
            List<String> entering, Path dir, String label, Map<String, String> environment, List<String> command) {
        try {
            Path pidFile = dir.resolve(label + ".pid");
            Files.deleteIfExists(pidFile);
            Path out = dir.resolve(label + ".out");
            Path err = dir.resolve(label + ".err");
            List<String> line = new ArrayList<>(entering);
            line.add(pidFile.toString());
            line.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().putAll(environment);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
            builder.redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
            Files.write(out, new byte[0]);
            Process supervisor = builder.start();
            long pid = Long.parseLong(Waiting.until("pid of " + label, Duration.ofSeconds(10), () -> pidIn(pidFile)));
            ProcessHandle main = ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException("start " + label + ": ended at once: " + text(err)));
            return new NodeProcess(supervisor, main, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> pidIn(Path file) {
        String text = Files.exists(file) ? text(file) : "";
        return text.endsWith("\n") ? Optional.of(text.strip()) : Optional.empty();
    }

    public long pid() {
        return main.pid();
    }

    /** The process that adopts what the program leaves behind. */
    public long supervisorPid() {
        return supervisor.pid();
    }

    /** Whether there may be something of the program, or of what it left behind. */
    boolean supervised() {
        return supervisor.isAlive();
    }

    public boolean alive() {
        return main.isAlive() && supervisor.isAlive();
    }

    public String out() {
        return text(out);
    }

    public String err() {
        return text(err);
    }

    /** Waits for a line of standard output and returns it. */
    public String awaitLine(Pattern pattern, Duration limit) {
        return Waiting.until("line " + pattern, limit, () -> {
            Optional<String> line = out().lines().filter(pattern.asPredicate()).findFirst();
            if (line.isEmpty() && !alive()) {
                throw new IllegalStateException("ended before it said " + pattern + ":\n" + out() + err());
            }
            return line;
        });
    }

    /** Sends a signal to the program itself and waits until it has ended. */
    public void end(String signal, Duration limit) {
        Outcome.of("kill", "-s", signal, String.valueOf(main.pid()));
        Waiting.until("end of process " + main.pid(), limit, () -> main.isAlive() ? Optional.empty() : Optional.of(""));
    }

    /** Kills the program and all that it left behind. */
    @Override
    public void close() {
        supervisor.destroy();
        try {
            if (!supervisor.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + supervisor.pid() + ": cannot kill its descendants");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
