package dev.coracle.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.stats.GroupReader.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupReaderTest {
    private static final Instant START = Instant.ofEpochSecond(1_000);

    @TempDir
    private Path group;

    private Instant now = START;
    private final GroupReader reader = new GroupReader(new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    });

    @Test
    void version2() throws IOException {
        file("cpu.stat", "usage_usec 2000000\nuser_usec 1\n");
        file("memory.current", "5000\n");
        file("memory.max", "8000\n");
        file("memory.stat", "anon 1200\nfile 3000\ninactive_file 1000\npgfault 7\npgmajfault 2\n");
        file("memory.swap.current", "30\n");
        file("memory.swap.max", "max\n");
        file(
                "io.pressure",
                "some avg10=1.50 avg60=0.10 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n");

        GroupUsage usage = read();

        assertThat(usage.cpu().timestamp()).isEqualTo(1_000_000_000_000L);
        assertThat(usage.cpu().coreNanoSeconds()).isEqualTo(2_000_000_000L);
        assertThat(usage.cpu().nanoCores()).isNull();
        assertThat(usage.memory())
                .isEqualTo(new MemoryUsage(1_000_000_000_000L, 4_000, 4_000L, 5_000, 1_200, 7, 2, null));
        assertThat(usage.swap()).isEqualTo(new SwapUsage(1_000_000_000_000L, null, 30));
        assertThat(usage.io()).isEqualTo(new Psi(new Psi.Line(12_000, 1.5, 0.1, 0), new Psi.Line(3_000, 0, 0, 0)));
    }

    @Test
    void theRateIsOfTheTimeSinceTheSampleBefore() throws IOException {
        file("cpu.stat", "usage_usec 1000000\n");
        assertThat(read().cpu().nanoCores()).isNull();

        now = START.plus(Duration.ofSeconds(10));
        file("cpu.stat", "usage_usec 6000000\n");
        assertThat(read().cpu().nanoCores()).isEqualTo(500_000_000L);

        now = now.plusMillis(5);
        file("cpu.stat", "usage_usec 6005000\n");
        assertThat(read().cpu().nanoCores()).isEqualTo(500_000_000L);

        reader.keep(Set.of("d"));
        assertThat(read().cpu().nanoCores()).isNull();
    }

    @Test
    void version1() throws IOException {
        file("cpuacct.usage", "123456\n");
        file("memory.usage_in_bytes", "5000\n");
        file("memory.limit_in_bytes", "9223372036854771712\n");
        file("memory.memsw.usage_in_bytes", "5600\n");
        file("memory.memsw.limit_in_bytes", "9223372036854771712\n");
        file("memory.stat", "rss 1\ntotal_rss 1200\ntotal_inactive_file 6000\ntotal_pgfault 7\ntotal_pgmajfault 2\n");
        Path unified = Files.createDirectory(group.resolve("unified"));
        Files.writeString(unified.resolve("cpu.pressure"), "some avg10=0.00 avg60=0.00 avg300=99.50 total=5\n");
        Map<String, Path> all = Map.of("cpuacct", group, "memory", group, "pids", group);

        GroupUsage usage = reader.read(new Subject("c", 0), new GroupFiles.V1(all, unified));

        assertThat(usage.cpu().coreNanoSeconds()).isEqualTo(123_456);
        assertThat(usage.memory()).isEqualTo(new MemoryUsage(1_000_000_000_000L, 0, null, 5_000, 1_200, 7, 2, null));
        assertThat(usage.swap()).isEqualTo(new SwapUsage(1_000_000_000_000L, null, 600));
        assertThat(usage.cpu().psi()).isEqualTo(new Psi(new Psi.Line(5_000, 0, 0, 99.5), new Psi.Line(0, 0, 0, 0)));
    }

    @Test
    void aYoungGroupHasARateFromItsBeginning() throws IOException {
        file("cpu.stat", "usage_usec 1000000\n");
        GroupFiles files = new GroupFiles.V2(group);
        long start = 1_000_000_000_000L;
        assertThat(reader.read(new Subject("young", start - 4_000_000_000L), files)
                        .cpu()
                        .nanoCores())
                .isEqualTo(250_000_000L);
        assertThat(reader.read(new Subject("old", start - 400_000_000_000L), files)
                        .cpu()
                        .nanoCores())
                .isNull();
    }

    @Test
    void samplesOfEarlierMakeTheFirstAnswerARate() throws IOException {
        GroupFiles files = new GroupFiles.V2(group);
        file("cpu.stat", "usage_usec 1000000\n");
        reader.sample(new Subject("c", 0), files);
        now = START.plus(Duration.ofSeconds(2));
        file("cpu.stat", "usage_usec 3000000\n");
        assertThat(read().cpu().nanoCores()).isEqualTo(1_000_000_000L);
    }

    @Test
    void processesAreThoseOfTheGroupAndOfAllBelowIt() throws IOException {
        file("cgroup.procs", "12\n13\n");
        Path below = Files.createDirectories(group.resolve("a/b"));
        Files.writeString(group.resolve("a/cgroup.procs"), "");
        Files.writeString(below.resolve("cgroup.procs"), "77\n");
        assertThat(GroupReader.processes(new GroupFiles.V2(group))).containsExactlyInAnyOrder(12, 13, 77);
        assertThat(GroupReader.processes(new GroupFiles.V2(group.resolve("gone"))))
                .isEmpty();
    }

    @Test
    void aGroupThatIsGoneIsNotFound() {
        assertThatThrownBy(this::read).isInstanceOf(NotFound.class);
    }

    private GroupUsage read() {
        return reader.read(new Subject("c", 0), new GroupFiles.V2(group));
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(group.resolve(name), text);
    }
}
