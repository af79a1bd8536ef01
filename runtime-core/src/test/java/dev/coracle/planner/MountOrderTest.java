package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountOrderTest {
    private final Samples samples = new Samples();

    private List<String> destinations(String... volumes) {
        for (String volume : volumes) {
            samples.volume(MountSpec.bind("/srv", volume, false, Propagation.PRIVATE), Peering.SHARED);
        }
        return new ContainerPlanner(Hosts.usual(), Settings.DEFAULT)
                .mounts(samples.order()).stream()
                        .map(mount -> (mount instanceof ContainerMount.Volume ? "v " : "") + mount.destination())
                        .toList();
    }

    @Test
    void defaultsThenFromTheRootDownwards() {
        assertThat(destinations("/var/lib/app/data", "/etc", "/var/lib", "var/../opt"))
                .containsExactly(
                        "/proc",
                        "/sys",
                        "/sys/fs/cgroup",
                        "/dev",
                        "/dev/pts",
                        "/dev/mqueue",
                        "/dev/shm",
                        "v /etc",
                        "v /opt",
                        "/etc/resolv.conf",
                        "/etc/hosts",
                        "/etc/hostname",
                        "v /var/lib",
                        "v /var/lib/app/data");
    }

    @Test
    void aVolumeTakesThePlaceOfTheDefault() {
        assertThat(destinations("/dev/shm", "/etc/hosts/"))
                .contains("v /dev/shm", "v /etc/hosts")
                .doesNotContain("/dev/shm", "/etc/hosts");
    }

    @Test
    void theImagesVolumesGiveWay() {
        samples.image =
                Samples.withVolumes("/", "/data", "/data/", "/srv/sub", "/etc/hosts/x", "/proc", "/sys/fs/x", "/opt");
        assertThat(destinations("/srv", "/opt/"))
                .contains("/data", "v /opt", "v /srv")
                .doesNotContain("/", "/etc/hosts/x", "/srv/sub", "/opt", "/sys/fs/x")
                .doesNotHaveDuplicates();
    }

    @Test
    void aVolumeAtDevHidesAllBelow() {
        assertThat(destinations("/dev", "/sys"))
                .containsExactly("/proc", "v /dev", "v /sys", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname");
    }
}
