package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static final MountTable TABLE = new MountTable(Stream.of(
                    "1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro",
                    "2 1 0:5 / /proc rw,nosuid - proc proc rw",
                    "3 1 8:2 /sub /mnt/with\\040blank ro master:7 - xfs /dev/sdb rw",
                    "4 1 8:2 / /data rw master:7 shared:9 - xfs /dev/sdb rw",
                    "5 4 0:9 / /data rw unbindable - tmpfs tmpfs rw,size=64k")
            .map(MountPoint::parse)
            .toList());

    @Test
    void readsPropagationFromTheOptionalFields() {
        assertThat(TABLE.mounts().stream().map(MountPoint::propagation))
                .isEqualTo(List.of(
                        MountPoint.Propagation.SHARED,
                        MountPoint.Propagation.PRIVATE,
                        MountPoint.Propagation.SLAVE,
                        MountPoint.Propagation.SHARED,
                        MountPoint.Propagation.UNBINDABLE));
    }

    @Test
    void thePathWithABlankIsReadAndHoldsWhatIsBelowIt() {
        MountPoint mount = TABLE.holding(Path.of("/mnt/with blank/deep/file"));
        assertThat(mount.id()).isEqualTo(3);
        assertThat(mount.readOnly()).isTrue();
        assertThat(mount.root()).isEqualTo("/sub");
    }

    @Test
    void theLastMountAtTheSamePlaceCoversTheOthers() {
        assertThat(TABLE.holding(Path.of("/data/x")).id()).isEqualTo(5);
        assertThat(TABLE.holding(Path.of("/datax")).id()).isEqualTo(1);
    }

    @Test
    void readsThisProcessesOwnTable() throws Exception {
        assertThat(MountTable.read().holding(Path.of("/proc")).type()).isEqualTo("proc");
    }

    @Test
    void aLineThatIsNoneIsNamed() {
        assertThatThrownBy(() -> MountPoint.parse("1 0 8:1 / /")).hasMessageContaining("1 0 8:1 / /");
    }
}
