package dev.coracle.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/** How far something is: on a terminal one line that changes, elsewhere a line now and then. Confined to one thread. */
final class ProgressLine {
    private static final Duration PLAIN_EVERY = Duration.ofSeconds(5);
    private static final String ERASE = "\r\033[K";

    private final PrintStream to;
    private final boolean terminal;
    private final LongSupplier clock;
    private String shown = "";
    private long last;

    /** @param clock in nanoseconds, only ever forward */
    ProgressLine(PrintStream to, boolean terminal, LongSupplier clock) {
        this.to = to;
        this.terminal = terminal;
        this.clock = clock;
        this.last = clock.getAsLong();
    }

    /** Standard error: what a program reads is on standard output. */
    static ProgressLine on(PrintStream err) {
        return new ProgressLine(err, isTerminal(2), System::nanoTime);
    }

    /** Whether a descriptor of this process is one. */
    static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(descriptor)))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** What is blank is not shown. */
    void show(String line) {
        if (line.isBlank() || line.equals(shown)) {
            return;
        }
        if (terminal) {
            to.print(ERASE + line);
            to.flush();
            shown = line;
        } else if (clock.getAsLong() - last > PLAIN_EVERY.toNanos()) {
            to.println(line);
            shown = line;
            last = clock.getAsLong();
        }
    }

    /** Before anything else is printed. */
    void clear() {
        if (terminal && !shown.isEmpty()) {
            to.print(ERASE);
            to.flush();
        }
        shown = "";
    }
}
