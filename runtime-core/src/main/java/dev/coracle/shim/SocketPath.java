package dev.coracle.shim;

import dev.coracle.linux.Fd;
import dev.coracle.linux.Linux;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
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
        try (Fd directory = new Linux().openat(null, podDirectory.toString(), Linux.O_PATH | Linux.O_DIRECTORY, 0)) {
            return connectTo(Path.of("/proc/self/fd", String.valueOf(directory.number()), "shim.sock"));
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
