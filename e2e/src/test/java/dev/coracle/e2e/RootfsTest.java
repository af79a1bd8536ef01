package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image's layers become in a container: every entry as it was packed, and many layers on top of each other. */
@DaemonTest
final class RootfsTest {

    private static RunningContainer of(Rig rig, String image) {
        return rig.run(Pods.named("rootfs").hostNetwork())
                .start(rig.container(image).command("/t/pause"));
    }

    private static void hasLayers(int count, Rig rig) {
        RunningContainer container = of(rig, "layers:" + count);
        assertThat(container.output("cat", "/top")).isEqualTo(count + "\n");
        assertThat(container.output("sh", "-c", "ls /layers | wc -l").strip()).isEqualTo(String.valueOf(count - 2));
        assertThat(container.output("cat", "/layers/3")).isEqualTo("layer 3\n");
        assertThat(container.output("sh", "-c", "echo x > /layers/3; cat /layers/3"))
                .isEqualTo("x\n");
    }

    @Test
    @Tag("vm")
    void fortyLayers(Rig rig) {
        hasLayers(40, rig);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 120})
    void evenMoreLayers(int count, Rig rig) {
        hasLayers(count, rig);
    }

    @Test
    void whiteoutsAndOpaqueDirectories(Rig rig) {
        RunningContainer container = of(rig, "whiteouts:1");
        assertThat(container.output("sh", "-c", "cd /w; find . | sort")).isEqualTo("""
            .
            ./again
            ./dir
            ./file-now
            ./kept
            ./opaque
            ./opaque/shown
            """);
        assertThat(container.output("cat", "/w/again", "/w/file-now", "/w/kept"))
                .isEqualTo("top\ntop\nbelow\n");
    }

    @Test
    void oddEntries(Rig rig) {
        RunningContainer container = of(rig, "odd:1");
        assertThat(stat(container, "%F %a %u %g", "setuid")).isEqualTo("regular file 4755 1000 1000");
        assertThat(stat(container, "%F %a %u %g", "setgid")).isEqualTo("regular file 2755 0 2000");
        assertThat(stat(container, "%F %a", "none")).isEqualTo("regular file 0");
        assertThat(stat(container, "%F %a", "sticky")).isEqualTo("directory 1777");
        assertThat(stat(container, "%F %a %u %g", "closed/inside")).isEqualTo("regular file 600 33 33");
        assertThat(stat(container, "%u %g", "high-ids")).isEqualTo("3000000 4000000");
        assertThat(stat(container, "%F", "fifo")).isEqualTo("fifo");
        assertThat(stat(container, "%F %t %T", "char")).isEqualTo("character special file 1 3");
        assertThat(stat(container, "%F %t %T", "block")).isEqualTo("block special file 7 fa");
        assertThat(stat(container, "%i %h", "hardlink"))
                .isEqualTo(stat(container, "%i %h", "original"))
                .endsWith(" 2");
        assertThat(stat(container, "%s", "large")).isEqualTo(String.valueOf(3 << 20));
        assertThat(container.output("readlink", "/odd/absolute")).isEqualTo("/etc/passwd\n");
    }

    @Test
    void timesAndNames(Rig rig) {
        RunningContainer container = of(rig, "odd:1");
        assertThat(stat(container, "%Y", "recent")).isEqualTo("1700000000");
        assertThat(stat(container, "%y", "nanoseconds")).contains(".1234567");
        assertThat(stat(container, "%Y", "old-dir")).isEqualTo("86400");
        assertThat(container.output("cat", "/odd/gr\u00fc\u00dfe \u65e5\u672c")).isEqualTo("named in UTF-8\n");
        assertThat(container.output("cat", "/odd/" + "l".repeat(255))).isEqualTo("the longest name\n");
        assertThat(container.output("sh", "-c", "cat $(find /odd/deep -name end)"))
                .isEqualTo("800 bytes deep\n");
        assertThat(container.output("cat", "/odd/dotted")).isEqualTo("x\n");
    }

    private static String stat(RunningContainer container, String format, String file) {
        return container
                .output("stat", "-c", format, "/odd/" + file)
                .strip()
                .replace("regular empty file", "regular file");
    }

    @Test
    void directoriesThatALayerOnlyImpliesKeepModeAndOwner(Rig rig) {
        RunningContainer container = of(rig, "implied:1");
        assertThat(container.output("stat", "-c", "%a", "/tmp")).isEqualTo("1777\n");
        assertThat(container.output("stat", "-c", "%a %u %g", "/home/app")).isEqualTo("755 1000 1000\n");
        assertThat(container.output("cat", "/tmp/a", "/home/app/b", "/new/dir/ectory/c"))
                .isEqualTo("a\nb\nc\n");
    }

    @Test
    void containersOfOneImageDoNotSeeEachOthersWrites(Rig rig) {
        RunningPod pod = rig.run(Pods.named("apart").hostNetwork());
        RunningContainer one = pod.start(rig.idle().named("one"));
        RunningContainer two = pod.start(rig.idle().named("two"));
        one.output("sh", "-c", "echo changed > /etc/passwd; rm -r /home");
        assertThat(two.output("cat", "/etc/passwd")).contains("app:x:1000");
        assertThat(two.output("ls", "/home")).isEqualTo("app\n");
    }
}
