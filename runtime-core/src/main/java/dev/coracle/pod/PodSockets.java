package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.linux.NetworkNamespace;
import dev.coracle.state.PodRecord;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/** Connects to what listens within a pod. Immutable; any thread, which waits. */
final class PodSockets {
    private static final InetAddress LOOPBACK_4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress LOOPBACK_6 = InetAddress.ofLiteral("::1");

    private final StorePaths paths;

    PodSockets(Site site) {
        this.paths = site.node().paths();
    }

    /**
     * A pod that can be connected to.
     *
     * @throws WrongState if it is not ready
     */
    static PodRecord ready(Pod pod) {
        PodRecord record = pod.view().pod();
        if (!record.ready()) {
            throw new WrongState(
                    "forward ports of pod " + record.spec().metadata().name(), "it is not ready");
        }
        return record;
    }

    /** IPv4's loopback first, as most servers listen there. */
    SocketChannel connect(Pod pod, int port) {
        PodRecord record = ready(pod);
        try {
            return connect(record, StandardProtocolFamily.INET, new InetSocketAddress(LOOPBACK_4, port));
        } catch (IOException first) {
            try {
                return connect(record, StandardProtocolFamily.INET6, new InetSocketAddress(LOOPBACK_6, port));
            } catch (IOException second) {
                throw new Unavailable(
                        "connect to port " + port + " of pod "
                                + record.spec().metadata().name(),
                        "127.0.0.1: " + first.getMessage() + ", ::1: " + second.getMessage(),
                        first);
            }
        }
    }

    /** The socket is made in the pod's namespace and stays there; whoever connects it may be elsewhere. */
    private SocketChannel connect(PodRecord pod, ProtocolFamily family, InetSocketAddress address) throws IOException {
        boolean onHost = pod.spec().security().namespaces().hostNetwork();
        SocketChannel socket = onHost
                ? SocketChannel.open(family)
                : NetworkNamespace.at(paths.netns(pod.id())).socket(family);
        try {
            socket.connect(address);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
