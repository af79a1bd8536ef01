package dev.coracle.shim;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The process that makes shims; belongs to a platform thread of its own, since reading from a process waits in the kernel, and
 * callers wait for that thread. A spawner that has died is started anew by the next request.
 */
final class Spawner implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ATTEMPTS = 3;

    private final List<String> command;
    private final Duration patience;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shim-spawner").factory());
    private volatile @Nullable Live live;

    private Spawner(List<String> command, Duration patience) {
        this.command = List.copyOf(command);
        this.patience = patience;
    }

    /** Returns when it is ready, so when no spawner of an earlier daemon is at work in the same run directory. */
    static Spawner start(Path binary, Path run, List<Path> cgroups) {
        return start(binary, run, cgroups, PATIENCE);
    }

    /** {@code patience} is for each answer. */
    static Spawner start(Path binary, Path run, List<Path> cgroups, Duration patience) {
        List<String> command = new ArrayList<>(List.of(binary.toString(), "--spawner", run.toString()));
        if (!cgroups.isEmpty()) {
            command.add("--cgroup");
            // not by commas: "cpu,cpuacct" is one directory
            command.add(cgroups.stream().map(Path::toString).collect(Collectors.joining(":")));
        }
        Spawner spawner = new Spawner(command, patience);
        try {
            spawner.onThread("start " + binary, spawner::live);
            return spawner;
        } catch (RuntimeFailure e) {
            spawner.close();
            throw e;
        }
    }

    /**
     * Makes the shim of the pod in that directory.
     *
     * @return its pid
     * @throws RuntimeFailure.WrongState if it has one that lives
     */
    long spawn(Path podDirectory) {
        String action = "make shim in " + podDirectory;
        String answer = onThread(action, () -> ask("spawn " + podDirectory.toAbsolutePath()));
        String[] words = answer.split(" ", 3);
        if (words.length == 2 && words[0].equals("ok")) {
            return Long.parseLong(words[1]);
        }
        if (words.length == 3 && words[2].equals("lock") && Integer.parseInt(words[1]) == Errno.EAGAIN) {
            throw new RuntimeFailure.WrongState(action, "a shim of that pod lives");
        }
        throw new RuntimeFailure.Unavailable(action, refusal(words));
    }

    private static String refusal(String[] words) {
        boolean known = words.length == 3 && words[0].equals("error");
        return known ? words[2] + ": " + Errno.name(Integer.parseInt(words[1])) : String.join(" ", words);
    }

    private <T> T onThread(String action, Callable<T> work) {
        Future<T> done = thread.submit(work);
        try {
            return done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeFailure failure) {
                throw failure;
            }
            throw new RuntimeFailure.Unavailable(action, String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            stop();
            throw new RuntimeFailure.Unavailable(
                    action,
                    "no answer from " + command.getFirst() + "; does another daemon serve the same directory?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuntimeFailure.Cancelled(action);
        }
    }

    private String ask(String request) throws IOException {
        Live asked = live();
        OutputStream out = asked.process.getOutputStream();
        out.write((request + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return asked.readLine();
    }

    /** The process, started where there is none: again when another daemon, which ended, has removed the shims' group under it. */
    private Live live() throws IOException {
        Live known = live;
        if (known != null && known.process.isAlive()) {
            return known;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return begin();
            } catch (RuntimeFailure.Unavailable e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Live begin() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        Process process = builder.start();
        Live started = new Live(process, process.inputReader(StandardCharsets.UTF_8));
        live = started;
        String answer = started.readLine();
        if (!answer.startsWith("ready ")) {
            stop();
            throw new RuntimeFailure.Unavailable("start " + command.getFirst(), refusal(answer.split(" ", 3)));
        }
        return started;
    }

    private void stop() {
        Live stopped = live;
        if (stopped != null) {
            stopped.process.destroyForcibly();
        }
    }

    /** Ends the process by the end of its input, after the request under way. */
    @Override
    public void close() {
        thread.close();
        Live last = live;
        if (last == null) {
            return;
        }
        try {
            last.process.getOutputStream().close();
            if (!last.process.waitFor(patience)) {
                last.process.destroyForcibly();
            }
        } catch (IOException e) {
            last.process.destroyForcibly();
        } catch (InterruptedException e) {
            last.process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private record Live(Process process, BufferedReader answers) {
        private String readLine() throws IOException {
            String line = answers.readLine();
            if (line == null) {
                process.destroyForcibly();
                throw new EOFException("the spawner ended");
            }
            return line;
        }
    }
}
