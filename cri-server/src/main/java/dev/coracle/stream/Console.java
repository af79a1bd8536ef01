package dev.coracle.stream;

import dev.coracle.shim.Session;
import dev.coracle.spec.StreamSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client's end of a process's streams. One thread takes what the client sends while another sends what the process says. */
final class Console {
    private final Link link;
    private final Dialect dialect;
    private final Map<Role, Integer> streams;
    private final WindowSizes sizes = new WindowSizes();

    private Console(Link link, Dialect dialect, Map<Role, Integer> streams) {
        this.link = link;
        this.dialect = dialect;
        this.streams = streams;
    }

    /**
     * Waits until the client has opened the streams that it wants.
     *
     * @return null if it does not within that time, or goes
     */
    static @Nullable Console open(Link link, Dialect dialect, StreamSpec.Streams wanted, Duration patience)
            throws InterruptedException {
        Map<Role, Integer> streams = switch (link) {
            case SpdyLink spdy -> await(spdy, roles(wanted, dialect.resizes()), patience);
            case WebSocketLink socket -> greet(socket, wanted);
        };
        return streams == null ? null : new Console(link, dialect, streams);
    }

    /** All streams are there. A first message, empty, tells the client that it is connected. */
    private static Map<Role, Integer> greet(WebSocketLink link, StreamSpec.Streams wanted) {
        Map<Role, Integer> streams = new EnumMap<>(Role.class);
        roles(wanted, true).forEach(role -> streams.put(role, role.channel()));
        Role first = wanted.stdout() ? Role.STDOUT : wanted.stderr() ? Role.STDERR : Role.ERROR;
        var _ = link.send(first.channel(), ByteBuffer.allocate(0));
        return streams;
    }

    private static @Nullable Map<Role, Integer> await(SpdyLink link, Set<Role> missing, Duration patience)
            throws InterruptedException {
        Map<Role, Integer> streams = new EnumMap<>(Role.class);
        long end = System.nanoTime() + patience.toNanos();
        while (!missing.isEmpty()) {
            switch (link.wire().next(end - System.nanoTime())) {
                case Event.Opened(int stream, var headers) -> {
                    Role role = Role.of(headers);
                    if (role != null && missing.remove(role)) {
                        streams.put(role, stream);
                        link.accept(stream);
                    } else {
                        link.reset(stream);
                    }
                }
                case Event.Sent sent -> link.wire().done(sent); // nobody sends before the reply to all
                case Event.Ended _, Event.Reset _ -> {}
                case Event.Gone _ -> {
                    return null;
                }
                case null -> {
                    return null;
                }
            }
        }
        return streams;
    }

    private static Set<Role> roles(StreamSpec.Streams wanted, boolean resizes) {
        Set<Role> roles = EnumSet.of(Role.ERROR);
        if (wanted.stdin()) {
            roles.add(Role.STDIN);
        }
        if (wanted.stdout()) {
            roles.add(Role.STDOUT);
        }
        if (wanted.stderr()) {
            roles.add(Role.STDERR);
        }
        if (wanted.tty() && resizes) {
            roles.add(Role.RESIZE);
        }
        return roles;
    }

    /** Hands what the client sends to the process, until the client is gone; {@code inputEnds} when it has sent all its input. */
    void feed(Session process, Runnable inputEnds) throws InterruptedException {
        while (true) {
            switch (link.next()) {
                case Event.Sent sent -> take(process, sent);
                case Event.Ended(int stream) -> endOf(stream, inputEnds);
                case Event.Reset(int stream) -> endOf(stream, inputEnds);
                case Event.Opened(int stream, var _) -> link.reset(stream);
                case Event.Gone _ -> {
                    return;
                }
            }
        }
    }

    private void endOf(int stream, Runnable inputEnds) {
        if (is(Role.STDIN, stream)) {
            inputEnds.run();
        }
    }

    void whenGone(Runnable action) {
        link.wire().whenGone(action);
    }

    private boolean is(Role role, int stream) {
        return streams.getOrDefault(role, -1) == stream;
    }

    private void take(Session process, Event.Sent sent) {
        try {
            if (is(Role.STDIN, sent.stream())) {
                process.write(sent.bytes().nioBuffer());
            } else if (is(Role.RESIZE, sent.stream())) {
                sizes.read(sent.bytes().nioBuffer()).ifPresent(size -> process.resize(size.rows(), size.columns()));
            }
        } finally {
            link.wire().done(sent);
        }
    }

    /** Sends what the process says, until it has ended: false if the client was gone before. */
    boolean print(Session process) {
        boolean there = true;
        for (Session.Output output = process.read(); there && output != null; output = process.read()) {
            Integer stream = streams.get(output.stream() == Session.Stream.STDOUT ? Role.STDOUT : Role.STDERR);
            there = stream == null || link.send(stream, output.bytes());
        }
        return there;
    }

    /** The last word: how it ended. */
    void close(Verdict verdict) {
        streams.forEach((role, stream) -> {
            if (role != Role.ERROR) {
                link.finish(stream);
            }
        });
        Integer error = streams.get(Role.ERROR);
        if (error != null) {
            ByteBuffer bytes = verdict.bytes(dialect);
            if (bytes.hasRemaining()) {
                var _ = link.send(error, bytes);
            }
            link.finish(error);
        }
        link.close();
    }
}
