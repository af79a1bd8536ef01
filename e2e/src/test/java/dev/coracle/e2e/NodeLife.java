package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.RemoveImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * One life of the node of {@link PowerCutTest}, in the VM: looks at what the last one left on the disk, and then pulls and removes until the
 * power goes. What it says on lines of its own is what must be true after that. The last one pulls all, and removes it.
 */
final class NodeLife {
    /** What the test gives along. */
    private static final Path GIVEN = Path.of("power-cut");

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int EXIT_CODE = 7;

    private final Promises promises = Promises.read(GIVEN.resolve("promises"));

    @Test
    void findsAllWholeOrAbsentAndGoesOn() throws IOException {
        Path nodes = Path.of("target", "nodes");
        try (Rig rig = Rig.start(nodes, NodeLife::daemon)) {
            podsAreAsTheyWere(rig);
            rig.removeAllPods();
            imagesAreWhole(rig);
            if (promises.last()) {
                promises.images().forEach(image -> rig.client().pull(TestImages.name(image)));
                imagesAreWhole(rig);
                nothingIsLeft(rig);
            } else {
                promisePods(rig);
                pullUntilThePowerGoes(rig);
            }
        } catch (RuntimeException | AssertionError e) {
            System.out.println(
                    Outcome.of("sh", "-c", "tail -n 40 " + nodes + "/*/*.err").out());
            throw e;
        }
    }

    /** What must survive is on the disk that stays; the rest, as on a node, is not. */
    private static Daemon daemon(Node node) {
        DaemonDirs dirs = DaemonDirs.in(node.dir());
        Path state = Path.of(System.getenv("CORACLE_POWER_STATE"));
        try {
            Files.createDirectories(state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Coracle(
                node,
                new DaemonDirs(
                        state, dirs.run(), dirs.socket(), dirs.cniConf(), dirs.cniBin(), dirs.hosts(), dirs.config()));
    }

    private void podsAreAsTheyWere(Rig rig) {
        Set<String> found = rig.client().pods().stream()
                .peek(p -> assertThat(p.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY))
                .map(PodSandbox::getId)
                .collect(Collectors.toSet());
        Set<String> containers = rig
                .client()
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .map(Container::getId)
                .collect(Collectors.toSet());
        for (Promises.Promised promised : promises.pods()) {
            assertThat(found).contains(promised.pod());
            assertThat(containers).contains(promised.container());
            ContainerStatus status = rig.client().containerStatus(promised.container());
            assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(status.getExitCode())
                    .as(status.getReason() + ": " + status.getMessage())
                    .isEqualTo(promised.exitCode());
            assertThat(status.getReason()).isEqualTo(promised.exitCode() == EXIT_CODE ? "Error" : "Unknown");
        }
        say("pods: " + found.size() + " from before, NOTREADY, "
                + promises.pods().size() + " of them promised");
    }

    private static Set<String> listed(Rig rig) {
        return rig.client().images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                .map(Image::getRepoTagsList)
                .flatMap(List::stream)
                .map(tag -> tag.substring(tag.indexOf('/') + 1))
                .collect(Collectors.toSet());
    }

    private void imagesAreWhole(Rig rig) throws IOException {
        Set<String> there = listed(rig);
        assertThat(there).containsAll(promises.pulled());
        RunningPod pod = rig.run(Pods.named("looks").hostNetwork());
        for (String image : promises.images()) {
            if (!there.contains(image)) {
                say("absent: " + image);
                continue;
            }
            FileListing expected = FileListing.read(GIVEN.resolve(image));
            FileListing found = FileListing.ofTree(MountedImage.in(pod, rig, TestImages.name(image)));
            assertThat(found.differencesFrom(expected)).as(image).isEmpty();
            say("whole: " + image + ", " + found.files().size() + " files");
        }
        rig.client().stopPod(pod.id());
        rig.client().removePod(pod.id());
    }

    /** A container that has ended and one that runs; said when both are on the disk, which takes a second at most. */
    private static void promisePods(Rig rig) {
        RunningPod ended = rig.run(Pods.named("ended").hostNetwork());
        RunningContainer exits = ended.start(rig.busybox("exit " + EXIT_CODE));
        exits.awaitExit();
        RunningPod running = rig.run(Pods.named("running").hostNetwork());
        RunningContainer runs = running.start(rig.idle());
        awaitEpitaph(rig, ended, "Exited");
        awaitEpitaph(rig, running, "Running");
        // What was written in one go is synced before anything is written in the next.
        awaitEpitaph(rig, rig.run(Pods.named("later").hostNetwork()), "Ready");
        say("pod " + ended.id() + " " + exits.id() + " " + EXIT_CODE);
        say("pod " + running.id() + " " + runs.id() + " 255");
    }

    private static void awaitEpitaph(Rig rig, RunningPod pod, String state) {
        Path epitaph = rig.daemon().dirs().state().resolve("past").resolve(pod.id());
        Waiting.untilTrue(
                "epitaph of " + pod.id() + " says " + state,
                PATIENCE,
                () -> content(epitaph).contains(state));
    }

    private static String content(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pullUntilThePowerGoes(Rig rig) {
        while (true) {
            for (String image : promises.images()) {
                say("removing " + image);
                remove(rig, image);
                say("pulling " + image);
                rig.client().pull(TestImages.name(image));
                say("pulled " + image);
            }
        }
    }

    private static void remove(Rig rig, String image) {
        ImageSpec spec = ImageSpec.newBuilder().setImage(TestImages.name(image)).build();
        var _ = rig.client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
    }

    /** After all images were removed: neither layers nor pieces of layers of an earlier life. */
    private void nothingIsLeft(Rig rig) {
        rig.removeAllPods();
        listed(rig).forEach(image -> remove(rig, image));
        Path images = rig.daemon().dirs().state().resolve("images");
        Waiting.untilTrue(
                "nothing is left in " + images,
                PATIENCE,
                () -> Stream.of("records", "layers", "staging", "trash")
                        .allMatch(part -> isEmpty(images.resolve(part))));
        say("nothing left");
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().equals(Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when it has left the machine: what it says must not come after what follows. */
    private static void say(String line) {
        System.out.println(Promises.MARK + line);
        System.out.flush();
        Outcome.of("sh", "-c", "stty raw -echo < /dev/ttyS1").text();
    }
}
