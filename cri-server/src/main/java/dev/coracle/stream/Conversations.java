package dev.coracle.stream;

import dev.coracle.pod.Pods;
import dev.coracle.spec.StreamSpec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each connection a virtual thread that does what it was opened for, and knows them until they have done it. Any thread, which
 * does not wait but in {@link #end}.
 */
final class Conversations {
    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

    /** For a client to open the streams that it wants. */
    private static final Duration STREAMS_PATIENCE = Duration.ofSeconds(30);

    private final Pods pods;
    private final RemoteCommand commands;
    private final Map<Link, Held> open = new ConcurrentHashMap<>();

    private record Held(StreamSpec spec, Thread thread) {}

    Conversations(Pods pods) {
        this.pods = pods;
        this.commands = new RemoteCommand(pods);
    }

    void begin(Link link, Dialect dialect, StreamSpec spec) {
        Thread thread = Thread.ofVirtual().name(Upgrades.word(spec)).unstarted(() -> {
            try {
                hold(link, dialect, spec);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.error("{} failed, which is a bug", spec, e);
            } finally {
                link.close();
                open.remove(link);
            }
        });
        open.put(link, new Held(spec, thread));
        thread.start();
    }

    /** Tells all clients that the daemon ends, and waits so long until that has been said. */
    void end(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        commands.end();
        for (Map.Entry<Link, Held> conversation : open.entrySet()) {
            Held held = conversation.getValue();
            // forwarded ports have no word for it but the end of the connection
            if (held.spec() instanceof StreamSpec.PortForward || !held.thread().join(left(end))) {
                conversation.getKey().close();
            }
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private void hold(Link link, Dialect dialect, StreamSpec spec) throws InterruptedException {
        switch (spec) {
            case StreamSpec.Exec exec -> {
                Console console = Console.open(link, dialect, exec.streams(), STREAMS_PATIENCE);
                if (console != null) {
                    commands.exec(console, exec);
                }
            }
            case StreamSpec.Attach attach -> {
                Console console = Console.open(link, dialect, attach.streams(), STREAMS_PATIENCE);
                if (console != null) {
                    commands.attach(console, attach);
                }
            }
            case StreamSpec.PortForward forward -> new PortForwarding(pods, link, forward).run();
        }
    }
}
