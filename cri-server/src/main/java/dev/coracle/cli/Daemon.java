package dev.coracle.cli;

import dev.coracle.linux.ServiceNotice;
import dev.coracle.linux.SyscallException;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A process that serves until SIGTERM or SIGINT. Its parts are closed in the reverse of the order they were added in. Belongs to the
 * main thread until it is ready, to the JVM's shutdown thread afterwards.
 */
final class Daemon {
    private static final Logger LOG = Logger.getLogger("dev.coracle.daemon");

    private final LogQueue log;
    private final PrintStream out;
    private final Optional<String> notifySocket;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** {@code notifySocket} is where a service manager wants to hear of it, as {@code NOTIFY_SOCKET} says. */
    Daemon(LogQueue log, PrintStream out, Optional<String> notifySocket) {
        this.log = log;
        this.out = out;
        this.notifySocket = notifySocket;
    }

    /** Returns {@code part}, which will be closed at the end. */
    <P extends AutoCloseable> P with(P part) {
        parts.push(part);
        return part;
    }

    /** Says on standard output and to the service manager that it serves, and returns when it has ended. */
    void serve(String socket) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        notice("READY=1\nSTATUS=serving " + socket);
        out.println("ready " + socket);
        out.flush();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes what was started before something failed. */
    void abandon() {
        closeParts();
        log.close();
    }

    private void stop() {
        notice("STOPPING=1");
        closeParts();
        log.close();
        ended.countDown();
    }

    private void closeParts() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, e, () -> "close " + part.getClass().getSimpleName() + " failed");
            }
        }
    }

    private void notice(String state) {
        notifySocket.ifPresent(socket -> {
            try {
                ServiceNotice.send(socket, state);
            } catch (SyscallException e) {
                LOG.log(Level.WARNING, () -> "tell the service manager " + state + " failed: " + e.getMessage());
            }
        });
    }
}
