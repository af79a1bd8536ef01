package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerSocketTest {
    private static final RpcTable EMPTY = new RpcTable(List.of(), List.of(), List.of());

    @TempDir
    private Path directory;

    @Test
    void the_socket_is_for_root_and_its_group_and_goes_with_the_server() throws IOException {
        Path path = directory.resolve("deep/er/s");
        try (CriServer server = CriServer.start(path, EMPTY)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
            connect(path);
            assertThat(server).isNotNull();
        }
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @Test
    void one_that_a_dead_daemon_left_is_replaced() throws IOException {
        Path path = directory.resolve("s");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        try (CriServer server = CriServer.start(path, EMPTY)) {
            connect(path);
            assertThat(server).isNotNull();
        }
    }

    @Test
    void one_that_somebody_listens_on_is_left_alone() throws IOException {
        Path path = directory.resolve("s");
        try (CriServer server = CriServer.start(path, EMPTY)) {
            assertThatThrownBy(() -> CriServer.start(path, EMPTY))
                    .isInstanceOf(RuntimeFailure.WrongState.class)
                    .hasMessageContaining("somebody listens there already");
            connect(path);
            assertThat(server).isNotNull();
        }
    }

    @Test
    void a_server_that_ends_leaves_its_successors_socket() throws IOException {
        Path path = directory.resolve("s");
        CriServer first = CriServer.start(path, EMPTY);
        Files.delete(path);
        try (CriServer second = CriServer.start(path, EMPTY)) {
            first.close();
            connect(path);
            assertThat(second).isNotNull();
        }
    }

    @Test
    void a_file_that_is_no_socket_is_never_removed() throws IOException {
        Path path = Files.writeString(directory.resolve("notes"), "precious");
        assertThatThrownBy(() -> CriServer.start(path, EMPTY))
                .isInstanceOf(RuntimeFailure.InvalidSpec.class)
                .hasMessage("socket: " + path + " exists and is not a socket");
        assertThat(path).hasContent("precious");
    }

    @Test
    void a_path_too_long_for_a_socket_is_named() {
        Path path = directory.resolve("x".repeat(100));
        assertThatThrownBy(() -> CriServer.start(path, EMPTY))
                .isInstanceOf(RuntimeFailure.InvalidSpec.class)
                .hasMessageContaining("a socket's path holds 107");
    }

    private static void connect(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(channel.connect(UnixDomainSocketAddress.of(path))).isTrue();
        }
    }
}
