package dev.coracle.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NetworkReaderTest {
    private static final Path OWN = Path.of("/proc/self/ns/net");

    @Test
    void every_interface_but_the_loopback() {
        List<String> lines = List.of(
                "Inter-|   Receive                                                |  Transmit",
                " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo"
                        + " colls carrier compressed",
                "    lo:    9316      98    0    0    0     0          0         0     9316      98    0    0    0    "
                        + " 0       0          0",
                "  eth0: 1234567      12    3    4    0     0          0         0  7654321      21    5    6    0    "
                        + " 0       0          0",
                "net1:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
        assertThat(NetworkReader.parse(lines))
                .containsExactly(
                        new InterfaceUsage(
                                "eth0",
                                new InterfaceUsage.Direction(1_234_567, 12, 3, 4),
                                new InterfaceUsage.Direction(7_654_321, 21, 5, 6)),
                        new InterfaceUsage(
                                "net1",
                                new InterfaceUsage.Direction(1, 2, 3, 4),
                                new InterfaceUsage.Direction(9, 10, 11, 12)));
    }

    @Test
    void what_tcp_has_counted_and_no_other_protocol() {
        List<String> lines = List.of(
                "Ip: Forwarding DefaultTTL",
                "Ip: 1 64",
                "Tcp: RtoAlgorithm MaxConn ActiveOpens",
                "Tcp: 1 -1 33",
                "TcpExt: SyncookiesSent ListenDrops",
                "TcpExt: 0 7");
        assertThat(NetworkReader.counters(lines))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("rtoalgorithm", 1L, "activeopens", 33L, "syncookiessent", 0L, "listendrops", 7L));
    }

    @Test
    void the_figures_of_this_network_have_both() {
        NetworkFigures figures = NetworkReader.figures(Map.of("own", OWN)).getOrDefault("own", NetworkFigures.NONE);
        assertThat(figures.tcp()).containsKeys("activeopens", "passiveopens", "listendrops");
    }

    @Test
    void a_namespace_that_is_gone_is_left_out_and_the_asking_thread_stays_where_it_is() throws IOException {
        Path before = Files.readSymbolicLink(OWN);
        Map<String, List<InterfaceUsage>> usage =
                NetworkReader.read(Map.of("own", OWN, "gone", Path.of("/nonexistent")));
        assertThat(usage).containsOnlyKeys("own");
        assertThat(Files.readSymbolicLink(OWN)).isEqualTo(before);
    }
}
