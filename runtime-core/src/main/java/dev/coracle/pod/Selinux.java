package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.planner.SelinuxLabels;
import dev.coracle.spec.SelinuxLabel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What of SELinux is no part of a plan: what its policy knows, and labels of files that are there already. Free of state; any thread. */
final class Selinux {
    /** Takes a label in one write, and refuses what the policy does not have. */
    private static final Path KNOWN = Path.of("/sys/fs/selinux/context");

    /** Down to where layers are made, and no deeper: there may be many. */
    private static final int STATE_LEVELS = 2;

    /**
     * Refuses what no process can be executed with.
     *
     * @throws InvalidSpec if the policy does not have the user, role, type or level, or not together
     */
    void check(SelinuxLabels labels) {
        SelinuxLabel label = labels.process();
        if (label.isEmpty()) {
            return;
        }
        try {
            Files.write(KNOWN, label.text().getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            throw new Unavailable("look for SELinux label " + label.text(), "there is no " + KNOWN, e);
        } catch (IOException e) {
            throw new InvalidSpec(
                    "linux.security_context.selinux_options",
                    "this node's SELinux policy does not have " + label.text() + ": " + e.getMessage());
        }
    }

    /** Labels one file. */
    void label(Path file, SelinuxLabel label) {
        if (!label.isEmpty()) {
            apart("label " + file, () -> Relabelling.one(file, label));
        }
    }

    /** Labels a file or directory with all that is below it. */
    void relabel(Path tree, SelinuxLabel label) {
        apart("label " + tree, () -> Relabelling.tree(tree, label));
    }

    /** Has what will lie in the state directory be such as containers may read where it is mapped into memory. */
    void labelState(Path state, SelinuxLabel label) {
        if (!label.isEmpty()) {
            apart("label " + state, () -> Relabelling.directories(state, STATE_LEVELS, label));
        }
    }

    @FunctionalInterface
    private interface Walk {
        void run() throws IOException;
    }

    /** On a platform thread: system calls are made that may block. */
    private static void apart(String title, Walk walk) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            walk.run();
            return null;
        });
        Thread.ofPlatform().daemon().name("selinux").start(task);
        try {
            task.get();
        } catch (ExecutionException e) {
            throw new Unavailable(title, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new Unavailable(title, "interrupted", e);
        }
    }
}
