package dev.coracle.cli;

import java.io.PrintStream;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes log lines from a thread of its own, so that a slow standard error slows no pod down. When the queue is full, lines
 * are dropped and counted. Safe for any thread.
 */
final class LogQueue extends Handler {
    private static final int LINES_MAX = 4096;
    private static final long CLOSE_SECONDS = 1;
    private static final String PACKAGE = "dev.coracle.";

    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final PrintStream out;
    private final Thread writer;
    private volatile boolean closing;

    LogQueue(PrintStream out) {
        this.out = out;
        this.writer = Thread.ofPlatform().name("log").daemon().start(this::write);
        setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record) && !lines.offer(line(record))) {
            dropped.incrementAndGet();
        }
    }

    @Override
    public void flush() {
        out.flush();
    }

    /** Writes what is queued, for a second at most. */
    @Override
    public void close() {
        closing = true;
        writer.interrupt();
        try {
            writer.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        while (!closing) {
            try {
                print(lines.take());
            } catch (InterruptedException e) {
                // closing is set, or else nobody meant it
            }
        }
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            print(line);
        }
    }

    private void print(String line) {
        out.println(line);
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
            out.println(timestamp(Instant.now()) + " WARNING log lines dropped=" + lost);
        }
    }

    /** {@code 2026-01-31T12:00:00.000Z INFO cri StopContainer 3f2a… ok ms=12}: one line, whatever the message holds. */
    static String line(LogRecord record) {
        StringBuilder line = new StringBuilder(timestamp(record.getInstant()))
                .append(' ')
                .append(record.getLevel())
                .append(' ')
                .append(shortName(record.getLoggerName()))
                .append(' ');
        String message = record.getMessage();
        if (message != null) {
            line.append(record.getParameters() == null ? message : formatted(message, record));
        }
        if (record.getThrown() != null) {
            appendStack(line, record.getThrown());
        }
        return line.toString().replace("\r", "\\r").replace("\n", "\\n");
    }

    private static String formatted(String message, LogRecord record) {
        return MessageFormat.format(message, record.getParameters());
    }

    private static void appendStack(StringBuilder line, Throwable thrown) {
        line.append(" | ").append(thrown);
        for (StackTraceElement element : thrown.getStackTrace()) {
            line.append(" at ").append(element);
        }
        if (thrown.getCause() != null) {
            appendStack(line, thrown.getCause());
        }
    }

    private static String shortName(String logger) {
        return logger != null && logger.startsWith(PACKAGE)
                ? logger.substring(PACKAGE.length())
                : String.valueOf(logger);
    }

    private static String timestamp(Instant instant) {
        String text = instant.truncatedTo(ChronoUnit.MILLIS).toString();
        // Instant leaves out zero milliseconds; lines should be of one width.
        return text.indexOf('.') < 0 ? text.replace("Z", ".000Z") : text;
    }
}
