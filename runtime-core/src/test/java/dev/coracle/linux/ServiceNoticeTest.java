package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceNoticeTest {
    @TempDir
    private Path directory;

    @Test
    void a_manager_gets_the_state_as_one_datagram() throws IOException {
        Path path = directory.resolve("notify");
        assertThat(received(path.toString(), path.toString())).isEqualTo("READY=1\nSTATUS=grün");
    }

    @Test
    void a_name_in_the_abstract_namespace_is_understood() throws IOException {
        String name = "coracle-test-" + ProcessHandle.current().pid();
        assertThat(received("\0" + name, "@" + name)).isEqualTo("READY=1\nSTATUS=grün");
    }

    @Test
    void nobody_there_and_a_name_too_long_are_errors() {
        String nowhere = directory.resolve("nobody").toString();
        assertThatThrownBy(() -> ServiceNotice.send(nowhere, "READY=1"))
                .isInstanceOf(SyscallException.class)
                .hasMessage("connect " + nowhere + ": ENOENT");
        assertThatThrownBy(() -> ServiceNotice.send("/" + "x".repeat(107), "READY=1"))
                .hasMessageEndingWith("ENAMETOOLONG");
    }

    private static String received(String bound, String address) throws IOException {
        try (UnixDatagramChannel manager = UnixDatagramChannel.open()) {
            manager.bind(new UnixSocketAddress(bound));
            ServiceNotice.send(address, "READY=1\nSTATUS=grün");
            ByteBuffer data = ByteBuffer.allocate(100);
            manager.receive(data);
            return StandardCharsets.UTF_8.decode(data.flip()).toString();
        }
    }
}
