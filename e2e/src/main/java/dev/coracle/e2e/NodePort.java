package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/**
 * A port of a node's loopback, to be had from outside: each connection to a port of the machine's own loopback is carried by a
 * process inside the node. Threads: any; two of its own for each connection.
 */
public final class NodePort implements AutoCloseable {
    private final Node node;
    private final int port;
    private final ServerSocket listener;

    private NodePort(Node node, int port, ServerSocket listener) {
        this.node = node;
        this.port = port;
        this.listener = listener;
    }

    public static NodePort open(Node node, int port) {
        try {
            NodePort opened = new NodePort(node, port, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            daemon("node-port-" + port, opened::accept);
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port of the machine's loopback. */
    public int outside() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                carry(listener.accept());
            } catch (IOException e) {
                // closed, or no process to be had: the client sees its connection end
            }
        }
    }

    private void carry(Socket client) throws IOException {
        List<String> command = List.of(Tools.busybox().toString(), "nc", "127.0.0.1", String.valueOf(port));
        Process inside = node.entered(command);
        daemon("to-node", () -> copy(client, inside, true));
        daemon("from-node", () -> copy(client, inside, false));
    }

    /** One direction; the end of either is the end of both. */
    private static void copy(Socket client, Process inside, boolean in) {
        try (client;
                InputStream from = in ? client.getInputStream() : inside.getInputStream();
                OutputStream to = in ? inside.getOutputStream() : client.getOutputStream()) {
            byte[] buffer = new byte[64 << 10];
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                to.write(buffer, 0, n);
                to.flush();
            }
        } catch (IOException e) {
            // one of the two has gone
        } finally {
            inside.destroy();
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread.ofPlatform().daemon().name(name).start(task);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
