package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A node loses its power while it pulls, and starts again with the same disk: the VM is killed, with all that its kernel had not written
 * yet, and booted. What happens in it is {@link NodeLife}. A minute or two for each loss: {@code -Dcoracle.e2e.power=LOSSES}.
 */
@EnabledIfSystemProperty(
        named = "coracle.e2e.power",
        matches = "[1-9][0-9]*",
        disabledReason = "a VM loses its power with -Dcoracle.e2e.power=LOSSES only")
final class PowerCutTest {
    private static final int LOSSES = Integer.getInteger("coracle.e2e.power", 0);
    /** One of many small layers, and a Debian in one layer. */
    private static final List<String> IMAGES = List.of("layers:40", "nginx:1");
    /** One loss of so many comes the moment after a pull was told to be over. */
    private static final int AT_THE_END = 3;
    /** What a pull is thought to take until one has been seen. */
    private static final Duration PULL = Duration.ofSeconds(20);

    private final Path work = Path.of("target", "power-cut").toAbsolutePath();
    private final Path disk = work.resolve("disk.ext4");
    private final Path given = work.resolve("given");
    private final Random random = new Random();

    private final Map<String, Duration> durations = new HashMap<>();

    /**
     * When the power goes.
     *
     * @param share of the time that a pull of the image takes, from its beginning; 1 for as soon as it is told to be over
     */
    private record Moment(String image, double share) {
        boolean isNow(String said) {
            return said.equals((share == 1 ? "pulled " : "pulling ") + image);
        }
    }

    @Test
    void eachImageIsWholeOrAbsentAndContainersAreKnown() throws IOException, InterruptedException {
        make();
        Promises promises = Promises.none(IMAGES);
        for (int i = 0; i < LOSSES; i++) {
            double share = i % AT_THE_END == AT_THE_END - 1 ? 1 : random.nextDouble();
            List<String> order = new ArrayList<>(IMAGES);
            Collections.rotate(order, i);
            promises = life(promises.pulling(order), new Moment(order.getFirst(), share));
        }
        promises.write(given.resolve("power-cut/promises"), true);
        Outcome last = Outcome.of(Duration.ofMinutes(12), command());
        last.out().lines().filter(l -> l.startsWith(Promises.MARK)).forEach(System.out::println);
        assertThat(last.status()).as(last.out() + last.err()).isZero();
    }

    private void make() throws IOException {
        Outcome.of("rm", "-rf", work.toString()).text();
        Files.createDirectories(given.resolve("power-cut"));
        Outcome.of("truncate", "-s", "3G", disk.toString()).text();
        Outcome.of("mke2fs", "-q", "-t", "ext4", disk.toString()).text();
        Path registry = TestImages.registryContent();
        for (String image : IMAGES) {
            FileListing.ofSource(registry, image)
                    .write(given.resolve("power-cut").resolve(image));
        }
    }

    private List<String> command() {
        return List.of(
                Tools.root().resolve("deploy/vm/run.sh").toString(),
                "--timeout",
                "600",
                "--dir",
                given.toString(),
                "--data",
                disk.toString(),
                "--env",
                "CORACLE_POWER_STATE=/disk2/state",
                "NodeLife");
    }

    /** One life of the node, to its end. */
    private Promises life(Promises before, Moment moment) throws IOException, InterruptedException {
        before.write(given.resolve("power-cut/promises"), false);
        Promises promises = Promises.none(before.images());
        promises.pulled().addAll(before.pulled());
        Process vm = new ProcessBuilder(command()).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        boolean cut = false;
        long begin = 0;
        try (BufferedReader out = vm.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.startsWith(Promises.MARK)) {
                    String said = line.substring(Promises.MARK.length());
                    System.out.println(line);
                    promises.hear(said);
                    begin = said.startsWith("pulling") ? System.nanoTime() : begin;
                    if (!cut && said.startsWith("pulled")) {
                        durations.put(said.substring("pulled ".length()), Duration.ofNanos(System.nanoTime() - begin));
                    }
                    if (!cut && moment.isNow(said)) {
                        cut(vm, moment);
                        cut = true;
                    }
                }
            }
        }
        vm.waitFor();
        assertThat(cut).as(String.join("\n", lines)).isTrue();
        return promises;
    }

    /** What the emulator's process has not handed to the kernel of this machine is gone: all of the node's page cache. */
    private void cut(Process vm, Moment moment) {
        Duration whole = durations.getOrDefault(moment.image(), PULL);
        Duration wait =
                moment.share() == 1 ? Duration.ZERO : Duration.ofMillis((long) (whole.toMillis() * moment.share()));
        Waiting.sleep(wait); // any moment
        System.out.println("power goes " + wait.toMillis() + " ms after that; a pull takes " + whole.toMillis());
        vm.descendants().filter(PowerCutTest::isEmulator).forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isEmulator(ProcessHandle process) {
        return process.info().command().orElse("").contains("qemu-system");
    }
}
