package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The root file system of an image, entry by entry, is the one that containerd makes of it. Only mode and owner of the root directory
 * itself are not: containerd passes over what an image says of it, docker and we do not.
 */
@DaemonTest
@CoracleOnly
final class SystemTreeTest {
    private static final List<String> IMAGES =
            List.of("odd:1", "whiteouts:1", "implied:1", "stacked:1", "layers:40", "nginx:1");

    @Test
    void everyEntryIsAsContainerdUnpacksIt(Rig rig) {
        Instant start = Instant.now().minus(Duration.ofMinutes(1));
        int compared = 0;
        try (ContainerdTrees oracle = ContainerdTrees.start(Path.of("target", "nodes"))) {
            for (String image : IMAGES) {
                String name = TestImages.name(image);
                TreeListing expected = oracle.pulled(name);
                List<String> differences = differences(expected, ours(rig, name), start);
                assertThat(differences).as(image).isEmpty();
                compared += expected.entries().size();
            }
        }
        System.out.println(compared + " entries of " + IMAGES.size() + " images are as containerd unpacks them");
        assertThat(compared).isGreaterThan(6_000);
    }

    /** Some minutes, most of them for making the image: {@code -Dcoracle.e2e.debian=true}. */
    @Test
    @EnabledIfSystemProperty(
            named = "coracle.e2e.debian",
            matches = "true",
            disabledReason = "a Debian of 35,000 files is compared with -Dcoracle.e2e.debian=true only")
    void aWholeDebianIsAsContainerdUnpacksIt(Rig rig) {
        String script = Tools.root().resolve("e2e/tools/debian-image.sh").toString();
        String layout =
                Outcome.of(Duration.ofMinutes(20), List.of(script)).text().strip();
        String name = "registry.example/debian:1";
        Instant start = Instant.now().minus(Duration.ofMinutes(1));
        TreeListing expected;
        try (ContainerdTrees oracle = ContainerdTrees.start(Path.of("target", "nodes"))) {
            expected = oracle.imported(Path.of(layout), name);
        }
        var _ = command(rig, "import", layout, "--name", name).text();
        assertThat(differences(expected, mounted(rig, name), start)).isEmpty();
        Path exported = rig.folder("export").resolve("debian.tar");
        var _ = command(rig, "export", exported.toString(), name).text();
        var _ = command(rig, "remove", name).text();
        var _ = command(rig, "import", exported.toString()).text();
        assertThat(differences(expected, mounted(rig, name), start))
                .as("exported and imported")
                .isEmpty();
        System.out.println(expected.entries().size() + " entries of a whole Debian are as containerd unpacks them");
        assertThat(expected.entries().size()).isGreaterThan(30_000);
    }

    private static Outcome command(Rig rig, String... words) {
        List<String> command =
                new ArrayList<>(List.of(Tools.home().resolve("bin/coracle").toString(), "image"));
        command.addAll(List.of(words));
        command.addAll(List.of("--socket", rig.daemon().dirs().socket().toString()));
        return rig.node().command(Duration.ofMinutes(5), command);
    }

    /** Mounted as a volume, an image shows its layers and nothing that a container adds. */
    private static TreeListing ours(Rig rig, String name) {
        return mounted(rig, rig.client().pull(name));
    }

    static TreeListing mounted(Rig rig, String id) {
        return TreeListing.of(MountedImage.in(rig.run(Pods.named("tree").hostNetwork()), rig, id));
    }

    /**
     * A directory that a layer has no entry for, but entries in, is as new as the unpacking in containerd; here it keeps the time of
     * the layer below. All other times are the image's.
     */
    static List<String> differences(TreeListing expected, TreeListing found, Instant start) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(expected.entries().keySet());
        names.addAll(found.entries().keySet());
        for (String name : names) {
            String want = line(expected.entries(), name);
            String have = line(found.entries(), name);
            Instant time = expected.times().get(name);
            boolean ofTheImage = time == null || time.isBefore(start);
            if (!want.equals(have)) {
                differences.add(name + ": containerd " + want + ", here " + have);
            } else if (ofTheImage && !Objects.equals(found.times().get(name), time)) {
                differences.add(name + ": containerd " + time + ", here "
                        + found.times().get(name));
            }
        }
        return differences;
    }

    private static String line(Map<String, String> entries, String name) {
        return entries.getOrDefault(name, "nothing");
    }
}
