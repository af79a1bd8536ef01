package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packaged daemon is killed while it pulls: an image is whole or absent, and nothing is left of what was half done. */
@DaemonTest
@CoracleOnly
final class PullKillTest {
    private static final int KILLS = 15;
    private static final Duration SETTLING = Duration.ofMinutes(2);
    /** Where pulls take long because the machine has other work, a kill need not wait for their end. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private static final String LAYERS = TestImages.name("layers:40");
    private static final List<String> IMAGES = List.of(TestImages.NGINX, LAYERS);

    @Test
    void killedAtRandomMomentsOfPulls(Rig rig) {
        join(pulls(rig)); // other tests may have left them by other names, with which they go by their id
        IMAGES.forEach(image -> remove(rig, image));
        Set<String> without = settled(rig);
        long begin = System.nanoTime();
        join(pulls(rig));
        long whole = System.nanoTime() - begin;
        long window = Math.min(whole * 6 / 5, LONGEST_WAIT.toNanos());
        IMAGES.forEach(image -> remove(rig, image));
        Random random = new Random(20_260_103);
        int listed = 0;
        for (int round = 0; round < KILLS; round++) {
            List<CompletableFuture<Void>> pulls = pulls(rig);
            Waiting.sleep(Duration.ofNanos(random.nextLong(window)));
            rig.daemon().kill();
            rig.startDaemon();
            join(pulls); // a call that was made while no daemon was there is the new one's
            for (String image : IMAGES) {
                if (names(rig).contains(image)) {
                    listed++;
                    run(rig, image);
                    remove(rig, image);
                }
            }
            Waiting.untilTrue(
                    "round " + round + ": the state directory is as before",
                    SETTLING,
                    () -> kept(rig).equals(without));
        }
        System.out.println("after " + KILLS + " kills within pulls of " + whole / 1_000_000 + " ms images were whole "
                + listed + " times of " + KILLS * IMAGES.size() + ", else absent");
        join(pulls(rig));
        assertThat(names(rig)).containsAll(IMAGES);
        IMAGES.forEach(image -> run(rig, image));
    }

    private static List<CompletableFuture<Void>> pulls(Rig rig) {
        return IMAGES.stream()
                .map(image -> CompletableFuture.runAsync(() -> pull(rig, image), Thread::startVirtualThread))
                .toList();
    }

    private static void pull(Rig rig, String image) {
        try {
            var _ = rig.client().pull(image);
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("UNAVAILABLE"); // the daemon is killed under the call
        }
    }

    private static void join(List<CompletableFuture<Void>> pulls) {
        pulls.forEach(CompletableFuture::join);
    }

    /** All of its files are there that its program needs, and those of its uppermost layer. */
    private static void run(Rig rig, String image) {
        RunningPod pod = rig.run(Pods.named("whole").hostNetwork());
        Containers container = Containers.of(image).imageId(rig.client().pull(image));
        RunningContainer running = pod.start(
                image.equals(LAYERS)
                        ? container.script("test \"$(cat /top)\" = 40 && test $(ls /layers | wc -l) -gt 30")
                        : container.command("/usr/sbin/nginx", "-t"));
        assertThat(running.awaitExit().getExitCode()).as(image).isZero();
        pod.stop();
        rig.client().removePod(pod.id());
    }

    private static List<String> names(Rig rig) {
        return rig.client().images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                .map(Image::getRepoTagsList)
                .flatMap(List::stream)
                .toList();
    }

    static void remove(Rig rig, String image) {
        rig.client().imageId(image).ifPresent(id -> {
            var _ = rig.client()
                    .images()
                    .removeImage(RemoveImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(id))
                            .build());
        });
    }

    static Set<String> settled(Rig rig) {
        return Waiting.until(
                "nothing is being deleted",
                SETTLING,
                () -> Optional.of(kept(rig))
                        .filter(names -> names.stream().noneMatch(name -> name.startsWith("trash/"))));
    }

    /** Images, layers and what is under work, as the state directory has them, two levels deep. */
    static Set<String> kept(Rig rig) {
        Path images = rig.daemon().dirs().state().resolve("images");
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(images, 2)) {
            files.map(file -> images.relativize(file).toString()).forEach(names::add);
        } catch (IOException | UncheckedIOException e) {
            names.add("changes while it is read: " + e.getMessage());
        }
        return names;
    }
}
