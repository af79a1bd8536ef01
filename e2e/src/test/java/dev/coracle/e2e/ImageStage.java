package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * A daemon of one test's own that has no image yet, and a registry that gives it what it should not take. Around the state directory
 * lie a secret and all else that an image must not reach; after each refusal all of it must be as it was, to the last file.
 */
final class ImageStage implements AutoCloseable {
    private static final Duration SETTLING = Duration.ofMinutes(1);
    private static final String SECRET = "this is not the image's\n";
    private static final String GOOD = "good:1";

    private final Rig rig;
    private final Path folder;
    private final Path secret;
    private final RawRegistry registry;
    private final Coracle daemon;
    private final CriClient client;
    private final String goodId;

    private ImageStage(Rig rig, Path folder, DaemonDirs dirs) {
        this.rig = rig;
        this.folder = folder;
        this.secret = folder.resolve("secret");
        this.registry = RawRegistry.in(rig.node());
        this.goodId = registry.put(GOOD, OciImage.of(List.of(new Layer().file("good", "good\n"))));
        this.daemon = new Coracle(rig.node(), dirs);
        daemon.start();
        this.client = CriClient.connect(daemon.socket());
    }

    /** With these lines in the daemon's configuration file. */
    static ImageStage open(Rig rig, String toml) {
        return open(rig, toml, _ -> {});
    }

    /** On a state directory that something is done to before the daemon starts: it is given as the node and the test see it. */
    static ImageStage open(Rig rig, String toml, Consumer<Path> prepare) {
        Path folder = rig.folder("images");
        DaemonDirs dirs = DaemonDirs.in(folder);
        dirs.configure(toml);
        dirs.plainHttp(Registry.ADDRESS);
        try {
            Files.writeString(folder.resolve("secret"), SECRET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        prepare.accept(dirs.state());
        return new ImageStage(rig, folder, dirs);
    }

    RawRegistry registry() {
        return registry;
    }

    Coracle daemon() {
        return daemon;
    }

    CriClient client() {
        return client;
    }

    /** Where the secret lies, and the state directory below it. */
    Path folder() {
        return folder;
    }

    /** The file that nobody may change or link to. */
    Path secret() {
        return secret;
    }

    /** A file of the daemon's images, as the node sees it. */
    Path images() {
        return rig.node().inside(daemon.dirs().state().resolve("images").toString());
    }

    void restart() {
        daemon.stop();
        daemon.start();
        client.reconnect();
    }

    List<Image> list() {
        return client.images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
    }

    /** Pulls one of the registry's images, and answers its id. */
    String pull(String image) {
        return client.pull(registry.name(image));
    }

    void remove(String image) {
        var _ = client.images()
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }

    /** The pull of an image fails so, and is as if it had not been; then a good one is pulled and removed. */
    void refuses(String image, Status.Code code, String message) {
        leavesNothing(image, () -> {
            String said = Refused.with(code, () -> client.pull(registry.name(image)));
            assertThat(said).as(image).contains(message);
        });
    }

    /** What is done here fails by itself, and leaves nothing; then a good image is pulled and removed. */
    void leavesNothing(String what, ThrowingCallable hostile) {
        List<Image> listed = list();
        Map<String, String> before = tree();
        try {
            hostile.call();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(what, e);
        }
        assertThat(list()).as(what).containsExactlyInAnyOrderElementsOf(listed);
        awaitTree(what, before);
        assertThat(secret).as(what).hasContent(SECRET);
        assertThat(pull(GOOD)).as("after " + what).isEqualTo(goodId);
        remove(goodId);
        awaitTree("good image after " + what, before);
    }

    /** Waits until all that is deleted in the background is gone, and what is there is this. */
    void awaitTree(String what, Map<String, String> expected) {
        try {
            Waiting.untilTrue("what was before " + what, SETTLING, () -> tree().equals(expected));
        } catch (IllegalStateException e) {
            assertThat(tree()).as(what).isEqualTo(expected);
        }
    }

    /** All that lies around the state directory and in it: for each name its kind, rights, owner, and how much it is. */
    Map<String, String> tree() {
        Path inside = rig.node().inside(folder.toString());
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(inside, new FileVisitOption[0])) {
            for (Path file : (Iterable<Path>) files::iterator) {
                found.put(inside.relativize(file).toString(), describe(file));
            }
        } catch (IOException | UncheckedIOException e) {
            found.put("", "changes while it is read: " + e.getMessage());
        }
        return found;
    }

    private static String describe(Path file) throws IOException {
        Object mode = Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        Object owner = Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return mode + " " + owner;
        }
        Object links = Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return mode + " " + owner + " " + links + " " + Files.getAttribute(file, "size", LinkOption.NOFOLLOW_LINKS);
    }

    /** Runs {@code coracle image …} with this daemon. */
    Outcome image(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Tools.home().resolve("bin/coracle").toString(), "image"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", daemon.dirs().config().toString()));
        command.addAll(List.of("--socket", daemon.dirs().socket().toString()));
        return rig.node().command(Duration.ofMinutes(2), command);
    }

    @Override
    public void close() {
        client.close();
        daemon.close();
        registry.close();
    }
}
