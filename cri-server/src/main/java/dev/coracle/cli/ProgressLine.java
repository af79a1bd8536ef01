package dev.coracle.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** How far something is: on a terminal one line that changes, elsewhere a line now and then. Confined to one thread. */
final class ProgressLine {
    private static final Duration PLAIN_EVERY = Duration.ofSeconds(5);
    private static final String ERASE = "\r\033[K";

    private final PrintStream to;
    private final boolean terminal;
    private String shown = "";
    private long last = System.nanoTime();

    ProgressLine(PrintStream to, boolean terminal) {
        this.to = to;
        this.terminal = terminal;
    }

    /** Standard error: what a program reads is on standard output. */
    static ProgressLine on(PrintStream err) {
        return new ProgressLine(err, isTerminal(Path.of("/proc/self/fd/2")));
    }

    private static boolean isTerminal(Path descriptor) {
        try {
            String file = Files.readSymbolicLink(descriptor).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    void show(String line) {
        if (line.equals(shown)) {
            return;
        }
        if (terminal) {
            to.print(ERASE + line);
            to.flush();
            shown = line;
        } else if (System.nanoTime() - last > PLAIN_EVERY.toNanos()) {
            to.println(line);
            shown = line;
            last = System.nanoTime();
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
