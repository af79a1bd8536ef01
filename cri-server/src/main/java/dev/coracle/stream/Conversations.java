package dev.coracle.stream;

import dev.coracle.pod.Pods;
import dev.coracle.spec.StreamSpec;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each connection a virtual thread that does what it was opened for. Free of state; any thread, which does not wait. */
final class Conversations {
    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

    /** For a client to open the streams that it wants. */
    private static final Duration STREAMS_PATIENCE = Duration.ofSeconds(30);

    private final Pods pods;
    private final RemoteCommand commands;

    Conversations(Pods pods) {
        this.pods = pods;
        this.commands = new RemoteCommand(pods);
    }

    void begin(Link link, Dialect dialect, StreamSpec spec) {
        Thread.ofVirtual().name(Upgrades.word(spec)).start(() -> {
            try {
                hold(link, dialect, spec);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.error("{} failed, which is a bug", spec, e);
            } finally {
                link.close();
            }
        });
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
