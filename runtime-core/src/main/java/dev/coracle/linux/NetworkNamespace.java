package dev.coracle.linux;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A network namespace that is pinned at a path. Immutable; any thread, also virtual ones. */
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x4000_0000;

    private final Path path;

    private NetworkNamespace(Path path) {
        this.path = path;
    }

    public static NetworkNamespace at(Path path) {
        return new NetworkNamespace(path);
    }

    /**
     * A socket of that namespace, whichever thread then uses it: socket(2) after setns(2), on a thread that ends with it.
     *
     * @throws SyscallException if there is no namespace at the path
     */
    public SocketChannel socket(ProtocolFamily family) throws IOException {
        return inside(() -> SocketChannel.open(family));
    }

    private <T> T inside(Callable<T> action) throws IOException {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter();
            return action.call();
        });
        Thread.ofPlatform().daemon().name("in " + path).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void enter() throws SyscallException {
        try (Fd namespace = new Linux().openat(null, path.toString(), Linux.O_RDONLY, 0)) {
            if (Native.C.setns(namespace.number(), CLONE_NEWNET) < 0) {
                throw new SyscallException("setns", path.toString(), Native.errno());
            }
        }
    }
}
