package dev.coracle.http;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of HTTP/1.1 on a port of its own that sends what the test says, byte for byte. */
final class PlainServer implements AutoCloseable {
    /** Decides what follows a request's head. */
    interface Answering {
        void answer(Asked asked) throws IOException;
    }

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Answering answering;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    PlainServer(Answering answering) throws IOException {
        this.answering = answering;
        Thread.ofVirtual().start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return server.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** Until all clients have closed theirs. */
    void awaitNoConnection() {
        await().until(open::isEmpty);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            while (head(socket.getInputStream())) {
                answering.answer(new Asked(socket));
            }
        } catch (IOException e) {
            // Its client has gone.
        } finally {
            open.remove(socket);
        }
    }

    /** Reads up to an empty line; false at the end. */
    private static boolean head(InputStream in) throws IOException {
        int line = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                if (line == 0) {
                    return true;
                }
                line = 0;
            } else if (b != '\r') {
                line++;
            }
        }
        return false;
    }

    /** A request whose head was read. */
    record Asked(Socket socket) {
        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        /** Status 200, these headers, and so many bytes. */
        void answer(String headers, int bytes) throws IOException {
            write("HTTP/1.1 200 OK\r\n" + headers + "\r\n\r\n");
            socket.getOutputStream().write(new byte[bytes]);
        }

        void hangUp() throws IOException {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
