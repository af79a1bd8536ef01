package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ListImagesRequest;
import org.junit.jupiter.api.Test;

/** {@code coracle check}: whether a node runs pods, found out without a registry. */
@DaemonTest
@CoracleOnly
final class CheckTest {
    private static Outcome check(Rig rig, String... options) {
        String[] command = new String[options.length + 4];
        command[0] = Tools.home().resolve("bin/coracle").toString();
        command[1] = "check";
        command[2] = "--socket";
        command[3] = rig.daemon().dirs().socket().toString();
        System.arraycopy(options, 0, command, 4, options.length);
        return rig.node().command(command);
    }

    private static int images(Rig rig) {
        return rig.client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesCount();
    }

    @Test
    void podsRunAndNothingIsLeft(Rig rig) {
        int before = images(rig);
        String report = check(rig, "--rounds", "3").text();
        assertThat(report).endsWith("this node runs pods\n").containsPattern("StartContainer +[0-9.]+ +[0-9.]+\n");
        assertThat(rig.client().pods()).isEmpty();
        assertThat(images(rig)).isEqualTo(before);
    }

    @Test
    void nothingElseIsSaidWhereThereIsNoNetworkCard(Rig rig) {
        Outcome outcome = rig.node()
                .command(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        "ip link set lo up && exec \"$0\" status --socket \"$1\"",
                        Tools.home().resolve("bin/coracle").toString(),
                        rig.daemon().dirs().socket().toString());
        assertThat(outcome.text()).isNotEmpty();
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aDaemonThatIsGoneIsSaid(Rig rig) {
        Outcome outcome = rig.node()
                .command(
                        Tools.home().resolve("bin/coracle").toString(),
                        "check",
                        "--socket",
                        rig.folder("nothing").resolve("s").toString());
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("coracle: ask the daemon on ");
    }

    @Test
    void aNumberThatIsNoneIsRefused(Rig rig) {
        assertThat(check(rig, "--rounds", "0").err()).contains("option --rounds is not a number from 1 up: 0");
    }
}
