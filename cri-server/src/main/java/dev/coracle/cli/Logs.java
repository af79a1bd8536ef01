package dev.coracle.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What is logged, and where to: one line an event, to standard error, through a bounded queue. */
final class Logs {
    /** By the words of the configuration. */
    static final Map<String, Level> LEVELS = levels();

    /** Warns with each connection, of a server or a client, that a UNIX socket has no SO_KEEPALIVE. */
    private static final String KEEPALIVE_WARNINGS = "io.grpc.netty.shaded.io.netty.bootstrap";

    /** JUL forgets the level of a logger that nobody holds. */
    private static final List<Logger> HELD = List.of(
            Logger.getLogger(""),
            Logger.getLogger("dev.coracle"),
            Logger.getLogger("io.grpc"),
            Logger.getLogger(KEEPALIVE_WARNINGS));

    private Logs() {}

    /** From now on {@code level} and above of ours is logged, and warnings of libraries. */
    static LogQueue start(Level level) {
        Logger root = HELD.get(0);
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        LogQueue queue = new LogQueue(System.err);
        root.addHandler(queue);
        root.setLevel(Level.INFO);
        HELD.get(1).setLevel(level);
        HELD.get(2).setLevel(Level.WARNING);
        HELD.get(3).setLevel(Level.OFF);
        return queue;
    }

    static Level level(String word) {
        return Objects.requireNonNull(LEVELS.get(word), word);
    }

    private static Map<String, Level> levels() {
        Map<String, Level> levels = new LinkedHashMap<>();
        levels.put("error", Level.SEVERE);
        levels.put("warning", Level.WARNING);
        levels.put("info", Level.INFO);
        levels.put("debug", Level.FINE);
        return levels;
    }
}
