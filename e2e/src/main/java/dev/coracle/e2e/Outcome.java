package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How a program ended and what it said. */
public record Outcome(List<String> command, int status, String out, String err) {

    public static Outcome of(String... command) {
        return of(Duration.ofSeconds(60), List.of(command));
    }

    public static Outcome of(List<String> command) {
        return of(Duration.ofSeconds(60), command);
    }

    /** Runs a program to its end; one that takes longer than the limit is killed, which is an error. */
    public static Outcome of(Duration limit, List<String> command) {
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            CompletableFuture<String> err =
                    CompletableFuture.supplyAsync(() -> all(process.getErrorStream()), Thread::startVirtualThread);
            CompletableFuture<String> out =
                    CompletableFuture.supplyAsync(() -> all(process.getInputStream()), Thread::startVirtualThread);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("run " + command + ": not finished after " + limit);
            }
            return new Outcome(List.copyOf(command), process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("run " + command + ": interrupted", e);
        }
    }

    /** What it said on standard output; an error unless it ended with 0. */
    public String text() {
        if (status != 0) {
            throw new IllegalStateException("run " + command + ": status " + status + ": " + err.strip());
        }
        return out;
    }

    private static String all(java.io.InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
