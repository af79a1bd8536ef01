package dev.coracle.shim;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The shims that a spawner makes; for any thread, through {@link Spawner}, {@link ControlLoop} and a concurrent set. */
public final class SpawnedShims implements Shims {
    private final Spawner spawner;
    private final ControlLoop loop = new ControlLoop();
    private final ShimGroups groups;
    private final ShimEvents events;
    private final Set<ControlConnection> connections = ConcurrentHashMap.newKeySet();

    private SpawnedShims(Spawner spawner, ShimGroups groups, ShimEvents events) {
        this.spawner = spawner;
        this.groups = groups;
        this.events = events;
    }

    /**
     * Starts the spawner and the thread that reads all shims.
     *
     * @param binary coracle-shim
     * @param run the daemon's run directory, where {@code spawner.lock} is
     * @param cgroups directories, one of each hierarchy, below which {@code coracle/shims} is made, and removed at the end unless a
     *     shim lives; empty: shims stay in the daemon's group
     * @throws RuntimeFailure.Unavailable if the spawner is not ready in 10 s, as while another daemon has the same run directory
     */
    public static SpawnedShims start(Path binary, Path run, List<Path> cgroups, ShimEvents events) {
        return new SpawnedShims(Spawner.start(binary, run, cgroups), new ShimGroups(cgroups), events);
    }

    @Override
    public Shim open(PodId pod, Path directory) {
        spawner.spawn(directory);
        return connect(pod, directory)
                .orElseThrow(() -> new RuntimeFailure.Unavailable("connect to the shim of " + pod, "it is gone"))
                .shim();
    }

    @Override
    public Optional<Reconnected> reconnect(PodId pod, Path directory) {
        return connect(pod, directory);
    }

    private Optional<Reconnected> connect(PodId pod, Path directory) {
        try {
            if (!Files.exists(directory.resolve("shim.sock"))) {
                return Optional.empty();
            }
            SocketChannel channel = SocketPath.connect(directory);
            channel.configureBlocking(false);
            ControlConnection connection = new ControlConnection(pod, channel, loop, events);
            Held held = greet(connection);
            Shim shim = new ConnectedShim(pod, held.pid(), directory, connection);
            return Optional.of(new Reconnected(shim, held.running(), held.plans(), held.exits()));
        } catch (ConnectException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable("connect to the shim of " + pod, String.valueOf(e.getMessage()), e);
        }
    }

    private Held greet(ControlConnection connection) {
        connections.removeIf(ControlConnection::isOver);
        connections.add(connection);
        try {
            return connection.greet();
        } catch (RuntimeFailure e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void close() {
        connections.forEach(ControlConnection::close);
        loop.close();
        spawner.close();
        groups.removeUnlessUsed();
    }
}
