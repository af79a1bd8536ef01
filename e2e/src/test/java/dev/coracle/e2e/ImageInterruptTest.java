package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.ListImagesRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code coracle image …} is interrupted, as by Ctrl-C, or killed, in the middle of its work: nothing is left of that. */
@DaemonTest
@CoracleOnly
final class ImageInterruptTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** A command may be done before it is looked at, on a machine that has other work. */
    private static final int ATTEMPTS = 20;

    private static final int MUCH = 1 << 20;

    /** A folder has to be swept by the command itself: who kills that has to look after it. */
    @ParameterizedTest
    @CsvSource({"INT, image.tar", "KILL, image.tar", "INT, layout/"})
    void nothingIsLeftOfAnExport(String signal, String target, Rig rig) throws IOException {
        var _ = rig.client().pull(TestImages.NGINX);
        Path folder = rig.folder("interrupted");
        cut(
                rig,
                signal,
                List.of("export", folder + "/" + target, TestImages.NGINX),
                command -> () -> writes(command.pid(), "/" + folder.getFileName() + "/"),
                () -> sweep(folder));
        assertThat(inside(folder)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "KILL"})
    void nothingIsLeftOfStandardInput(String signal, Rig rig) throws Exception {
        Path folder = rig.folder("interrupted");
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path pipe = folder.resolve("pipe");
        Outcome.of("mkfifo", pipe.toString()).text();
        List<String> line = List.of("bash", "-c", "exec env --default-signal=INT \"$@\" < " + pipe, "-");
        NodeProcess command = rig.node()
                .start(
                        "interrupted",
                        Map.of("CORACLE_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary),
                        with(line, rig, "import", "-"));
        try (OutputStream in = Files.newOutputStream(pipe, StandardOpenOption.WRITE)) {
            FutureTask<Void> fed = new FutureTask<>(() -> {
                in.write(new byte[MUCH]); // more than a pipe takes: it is being copied
                return null;
            });
            Thread.ofVirtual().start(fed);
            fed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            command.end(signal, LIMIT);
        }
        assertThat(inside(temporary)).isEmpty();
    }

    @Test
    void nothingIsLeftOfAnImport(Rig rig) {
        Path folder = rig.folder("interrupted");
        String name = "registry.example/interrupted:1";
        var _ = rig.client().pull(TestImages.NGINX);
        String file = folder + "/image.tar";
        var _ = ImageCommandTest.image(rig, "export", file, TestImages.NGINX).text();
        Path staging = rig.daemon().dirs().state().resolve("images/staging");
        Set<String> before = PullKillTest.settled(rig);
        cut(
                rig,
                "INT",
                List.of("import", file, "--name", name),
                _ -> () -> !inside(staging).isEmpty(),
                () -> ImageCommandTest.image(rig, "remove", name));
        Waiting.untilTrue(
                "nothing is left of the import",
                LIMIT,
                () -> PullKillTest.kept(rig).equals(before));
        assertThat(ImageCommandTest.image(rig, "import", file, "--name", name).text())
                .startsWith(name + " sha256:");
        assertThat(ImageCommandTest.image(rig, "remove", name).text()).isEmpty();
    }

    /** The daemon is told by the end of the connection. What another test has left may have the same layers: then there is nothing to pull. */
    @Test
    void nothingIsLeftOfAPull(Rig rig) {
        removeAll(rig);
        Path staging = rig.daemon().dirs().state().resolve("images/staging");
        Set<String> before = PullKillTest.settled(rig);
        cut(
                rig,
                "INT",
                List.of("pull", TestImages.NGINX),
                _ -> () -> !inside(staging).isEmpty(),
                () -> removeAll(rig));
        Waiting.untilTrue(
                "nothing is left of the pull",
                LIMIT,
                () -> PullKillTest.kept(rig).equals(before));
    }

    private static void removeAll(Rig rig) {
        rig.client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .forEach(image -> PullKillTest.remove(rig, image.getId()));
    }

    /** When a command is in the middle of its work. */
    private interface Middle {
        BooleanSupplier of(NodeProcess command);
    }

    /**
     * Starts a command and has it end by this signal in the middle.
     *
     * @param undo what one does that was quicker, before it is tried again
     */
    private static void cut(Rig rig, String signal, List<String> words, Middle middle, Runnable undo) {
        for (int i = 0; i < ATTEMPTS; i++) {
            NodeProcess command = start(rig, words);
            BooleanSupplier caught = middle.of(command);
            boolean busy = Waiting.until(
                    "middle of " + words,
                    LIMIT,
                    () -> caught.getAsBoolean()
                            ? Optional.of(true)
                            : command.alive() ? Optional.empty() : Optional.of(false));
            if (busy) {
                command.end(signal, LIMIT);
            }
            // It says what it has done, when it has done it.
            if (command.out().isEmpty()) {
                return;
            }
            undo.run();
        }
        throw new IllegalStateException(words + " was quicker " + ATTEMPTS + " times");
    }

    /** Whoever starts the tests may have SIGINT ignored, which would be passed on. */
    private static NodeProcess start(Rig rig, List<String> words) {
        List<String> line = List.of("env", "--default-signal=INT");
        return rig.node().start("interrupted", Map.of(), with(line, rig, words.toArray(String[]::new)));
    }

    private static List<String> with(List<String> line, Rig rig, String... words) {
        List<String> whole = new ArrayList<>(line);
        whole.addAll(List.of(Tools.home().resolve("bin/coracle").toString(), "image"));
        whole.addAll(List.of(words));
        whole.addAll(List.of("--socket", rig.daemon().dirs().socket().toString()));
        return whole;
    }

    /** A process has written much to a file below a folder, which may have no name there. */
    private static boolean writes(long pid, String below) {
        try (Stream<Path> open = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            return open.anyMatch(file -> isBelow(file, below));
        } catch (IOException | UncheckedIOException e) {
            return false; // it has ended
        }
    }

    private static boolean isBelow(Path open, String below) {
        try {
            return Files.readSymbolicLink(open).toString().contains(below) && Files.size(open) > MUCH;
        } catch (IOException e) {
            return false; // it is closed already
        }
    }

    private static List<String> inside(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sweep(Path folder) {
        Outcome.of("find", folder.toString(), "-mindepth", "1", "-delete").text();
    }
}
