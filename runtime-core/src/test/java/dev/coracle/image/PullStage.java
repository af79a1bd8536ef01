package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A registry, an empty store of images, and pulls between them, for one test. */
final class PullStage implements AutoCloseable {
    static final LayerBlob LOWER = LayerBlob.gzip(new Tar()
            .directory("./", 0755)
            .directory("etc/", 0755)
            .file("etc/name", "lower")
            .directory("tmp/", 01777)
            .file("big", noise(300_000, 3)));
    static final LayerBlob UPPER =
            LayerBlob.gzip(new Tar().directory("etc/", 0755).file("etc/name", "upper"));

    /** On a stage where nothing stalls: no answer is taken for one that is missing. */
    static final Duration PATIENT = Duration.ofSeconds(60);

    private final Path work;
    private final Duration patience;
    private final TestRegistry registry = new TestRegistry();
    private final Images images;
    private final Pulls pulls;

    /** A stage on which servers are soon given up. */
    PullStage(Path work) {
        this(work, Duration.ofMillis(600));
    }

    PullStage(Path work, Duration patience) {
        this.work = work;
        this.patience = patience;
        this.images = Images.open(work.resolve("state"));
        images.startCollecting();
        this.pulls = pulls(PullLimits.DEFAULT);
    }

    TestRegistry registry() {
        return registry;
    }

    Images images() {
        return images;
    }

    Pulls pulls() {
        return pulls;
    }

    /** Further pulls into the same store, with limits of their own. */
    Pulls pulls(PullLimits limits) {
        return pulls(Proxies.NONE, limits, 2, 4 << 20);
    }

    /** Further pulls into the same store, for which layers are large soon, and no server is quick. */
    Pulls pullsInRanges(int ranges, int rangeBytes) {
        return pulls(Proxies.NONE, PullLimits.DEFAULT, ranges, rangeBytes);
    }

    Pulls pulls(Proxies proxies, PullLimits limits, int ranges, int rangeBytes) {
        return pulls(proxies, limits, new PullSettings.Ranges(ranges, rangeBytes, Duration.ZERO));
    }

    private Pulls pulls(Proxies proxies, PullLimits limits, PullSettings.Ranges ranges) {
        return new Pulls(images, new PullSettings(work.resolve("certs.d"), proxies, 2, patience, limits, ranges));
    }

    /** Further pulls into the same store, for which layers are large soon, and every server is quick. */
    Pulls pullsInLongAnswers(int ranges, int rangeBytes) {
        return pulls(Proxies.NONE, PullLimits.DEFAULT, new PullSettings.Ranges(ranges, rangeBytes, Duration.ofDays(1)));
    }

    /** Further pulls into the same store, which wait so long for servers. */
    Pulls pullsOfPatience(Duration patience) {
        return new Pulls(
                images,
                new PullSettings(
                        work.resolve("certs.d"),
                        Proxies.NONE,
                        2,
                        patience,
                        PullLimits.DEFAULT,
                        new PullSettings.Ranges(2, 4 << 20, Duration.ZERO)));
    }

    /** Says in which order and how a registry's servers are asked. */
    void hosts(String domain, String toml) throws IOException {
        Path directory = Files.createDirectories(work.resolve("certs.d").resolve(domain));
        Files.writeString(directory.resolve("hosts.toml"), toml);
    }

    /** Pulls from the stage's registry. */
    Image pull(String name) {
        return pull(pulls, name);
    }

    /** The same, with other limits. */
    Image pull(Pulls limited, String name) {
        return limited.pull(registry.host() + "/" + name, Credentials.NONE).await();
    }

    /** Pulls from wherever {@link #hosts} says. */
    Image pullFrom(String domainAndName) {
        return pulls.pull(domainAndName, Credentials.NONE).await();
    }

    /** But for the layer that images without layers have. */
    boolean isEmpty(String directory) throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("state").resolve(directory))) {
            return files.allMatch(file -> file.endsWith(ImagePaths.NOTHING));
        }
    }

    void nothingIsLeft() throws IOException {
        for (String directory : List.of("records", "layers", "l", "staging", "trash")) {
            assertThat(isEmpty(directory)).as(directory).isTrue();
        }
    }

    @Override
    public void close() {
        pulls.close();
        images.close();
        registry.close();
    }

    /** Text that compresses by a fifth. */
    static String noise(int length, int seed) {
        StringBuilder text = new StringBuilder(length);
        new Random(seed).ints(length, 'A', 'z').forEach(c -> text.append((char) c));
        return text.toString();
    }
}
