package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pod, a container, an exec in it and the end of all, seen from inside; by both builds. */
class ContainerPlanTest {
    private static final String LOOK_AROUND = """
        exec 2>/dev/null
        hostname
        echo $$ $(id -u)
        cat /etc/hostname /var/run/secrets/data/file; echo
        echo x > /var/run/secrets/data/new || echo readonly
        echo x > /proc/sys/kernel/hostname || echo readonly
        cat /proc/keys | wc -c
        ls /sys/firmware | wc -l
        ls /sys/devices/virtual | wc -l
        test -c /dev/null && echo > /dev/null && echo device
        cut -d' ' -f5 /proc/self/mountinfo | grep -vE '^/proc/' | sort | tr '\\n' ' '; echo
        cut -d' ' -f5 /proc/self/mountinfo | grep -cE '^/proc/(bus|fs|irq|sys)$'
        grep -c . /proc/net/dev
        cat /proc/self/cgroup | grep 0::
        ls -l /proc/self/fd | wc -l
        """;

    @TempDir
    private Path directory;

    private Path cgroup;
    private SmallContainer container;
    private long mounts;

    @BeforeEach
    void makeFiles() throws IOException {
        Path unified = Path.of("/sys/fs/cgroup/unified");
        cgroup = (Files.exists(unified) ? unified : Path.of("/sys/fs/cgroup"))
                .resolve("coracle-test-" + directory.getFileName());
        container = new SmallContainer(directory, cgroup);
        container.makeFiles();
        mounts = hostMounts();
    }

    @AfterEach
    void hostIsAsItWas() throws IOException {
        assertThat(hostMounts()).isEqualTo(mounts);
        assertThat(cgroup).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void aContainerSeesWhatWasPlanned(ShimBinary binary) {

        Rehearsal rehearsal = Rehearsal.of(
                        binary,
                        directory,
                        SmallContainer.pod(),
                        container.start(LOOK_AROUND, false),
                        container.teardown())
                .succeeds();
        assertThat(rehearsal.said())
                .containsExactly(
                        "web",
                        "1 1000",
                        "layerof the volume",
                        "readonly",
                        "readonly",
                        "0",
                        "0",
                        "0",
                        "device",
                        "/ /dev /dev/mqueue /dev/pts /dev/shm /proc /run/secrets/data /sys /sys/devices/virtual"
                                + " /sys/firmware ",
                        "4",
                        "3",
                        "0::/",
                        "5",
                        "exit c1 0");
    }

    @ParameterizedTest
    @EnumSource
    void execJoinsTheContainer(ShimBinary binary) {
        Plan start = container.start("exec >/dev/null 2>&1; exec sleep 1000", false);
        Plan exec = container.exec(
                "hostname; id -u; ps | grep -c '[s]leep 1000'; cat /proc/self/cgroup | grep 0::; ls /dev | wc -l");
        Rehearsal rehearsal = Rehearsal.of(
                        binary,
                        directory,
                        SmallContainer.pod(),
                        start,
                        exec,
                        container.exec("exit 7"),
                        container.teardown())
                .succeeds();
        assertThat(rehearsal.said())
                .containsSubsequence("web", "1000", "1", "0::/", "11", "exit e1 0")
                .contains("exit e1 1792", "exit c1 9");
    }

    @Test
    void aTerminalIsTheControllingOne() {
        String script = "tty; test -c /dev/console && echo here > /dev/console; echo to tty > /dev/tty";
        Rehearsal rehearsal = Rehearsal.of(
                        ShimBinary.LEAN,
                        directory,
                        SmallContainer.pod(),
                        container.start(script, true),
                        container.teardown())
                .succeeds();
        assertThat(rehearsal.said().stream().map(String::strip))
                .containsExactly("/dev/pts/0", "here", "to tty", "exit c1 0");
    }

    private static long hostMounts() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.count();
        }
    }
}
