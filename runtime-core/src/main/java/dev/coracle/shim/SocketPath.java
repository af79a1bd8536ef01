package dev.coracle.shim;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Connects to a shim's socket, also where its path is longer than the 106 bytes that the JDK takes of a UNIX address. */
final class SocketPath {
    private static final int MAX_ADDRESS = 106;

    private SocketPath() {}

    /** A connection in blocking mode, which parks a virtual thread. */
    static SocketChannel connect(Path podDirectory) throws IOException {
        Path socket = podDirectory.resolve("shim.sock");
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_ADDRESS) {
            return connectTo(socket);
        }
        Path near = Files.createTempDirectory("coracle");
        Path link = near.resolve("pod");
        try {
            return connectTo(Files.createSymbolicLink(link, podDirectory.toAbsolutePath())
                    .resolve("shim.sock"));
        } finally {
            Files.deleteIfExists(link);
            Files.deleteIfExists(near);
        }
    }

    private static SocketChannel connectTo(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
