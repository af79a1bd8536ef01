package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.Credentials;
import dev.coracle.image.ImageArchive;
import dev.coracle.image.ImageExport;
import dev.coracle.image.ImageShelf;
import dev.coracle.image.Reference;
import dev.coracle.proto.v1.AuthConfig;
import dev.coracle.proto.v1.Image;
import dev.coracle.proto.v1.ImageFsInfoRequest;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.StatusRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The images of a running daemon, looked after from the command line. One thread, and one for each call that takes long. */
public final class NodeImages {
    /** No image takes a day. */
    private static final int DEADLINE_SECONDS = (int) Duration.ofDays(1).toSeconds();

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int ID_DIGITS = 12;

    private final DaemonClient daemon;
    private final Consumer<String> progress;

    private NodeImages(DaemonClient daemon, Consumer<String> progress) {
        this.daemon = daemon;
        this.progress = progress;
    }

    /** What is done with them. */
    public interface Work<T> {
        T with(NodeImages images);
    }

    /**
     * Talks to the daemon on this socket.
     *
     * @param progress is told at once, and then five times a second, how far a call is that takes long
     * @throws Unavailable with what the daemon has answered, or that nobody does
     */
    public static <T> T ask(Path socket, Consumer<String> progress, Work<T> work) {
        return DaemonClient.ask(socket, DEADLINE_SECONDS, daemon -> work.with(new NodeImages(daemon, progress)));
    }

    /** A line for each name, under a line that says what is in the columns. */
    public String list() {
        List<Image> images = daemon.images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
        StringBuilder text = new StringBuilder("%-14s%12s  %s%n".formatted("ID", "SIZE", "NAME"));
        images.stream()
                .flatMap(image -> names(image)
                        .map(name -> "%-14s%12s  %s%n".formatted(id(image.getId()), mebibytes(image.getSize()), name)))
                .sorted((a, b) -> a.substring(ID_DIGITS * 2 + 4).compareTo(b.substring(ID_DIGITS * 2 + 4)))
                .forEach(text::append);
        return text.toString();
    }

    /** By its tags; without any, by its digests. */
    private static Stream<String> names(Image image) {
        return image.getRepoTagsCount() > 0 ? image.getRepoTagsList().stream() : image.getRepoDigestsList().stream();
    }

    /**
     * Has one pulled.
     *
     * @param credentials for the image's registry, as far as that asks
     * @return its id
     */
    public String pull(String name, Credentials credentials) {
        String known = Reference.parse(name).toString();
        PullImageRequest request = PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(name))
                .setAuth(AuthConfig.newBuilder()
                        .setUsername(credentials.username())
                        .setPassword(credentials.password())
                        .setIdentityToken(credentials.identityToken())
                        .setRegistryToken(credentials.registryToken())
                        .setServerAddress(credentials.server()))
                .build();
        return watched(
                () -> daemon.images().pullImage(request).getImageRef(),
                () -> daemon.runtime()
                        .status(StatusRequest.newBuilder().setVerbose(true).build())
                        .getInfoOrDefault("pull " + known, "")
                        .replace("\"", ""));
    }

    /**
     * Removes one.
     *
     * @throws NotFound if there is none of this name or id
     */
    public void remove(String name) {
        ImageSpec image = ImageSpec.newBuilder().setImage(name).build();
        ImageStatusRequest question =
                ImageStatusRequest.newBuilder().setImage(image).build();
        if (!daemon.images().imageStatus(question).hasImage()) {
            throw new NotFound("image", name);
        }
        var _ = daemon.images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    }

    /**
     * Has the daemon take all images of an archive, each by all its names.
     *
     * @param renamed the one name that the archive's only image shall have
     * @return a line for each name: name and id
     * @throws InvalidSpec if an image has no whole name and gets none
     */
    public List<String> take(ImageArchive archive, Optional<String> renamed) {
        if (renamed.isPresent() && archive.images().size() != 1) {
            throw new InvalidSpec(
                    "archive", "it has " + archive.images().size() + " images; a name can be given to one only");
        }
        List<String> taken = new ArrayList<>();
        try (ArchiveRegistry registry = new ArchiveRegistry(archive)) {
            for (ImageArchive.Offered image : archive.images()) {
                for (String name : renamed.map(List::of).orElseGet(() -> wholeNames(image))) {
                    registry.tag(image.manifest());
                    taken.add(name + " " + take(registry, name, archive.size(image)));
                }
            }
        }
        return taken;
    }

    /**
     * Writes images of the daemon's directory, beside it: what is there never changes.
     *
     * @param target what writes the images that a shelf has
     */
    public List<ImageExport.Exported> export(List<String> names, Function<ImageShelf, ImageExport> target) {
        String directory = daemon.images()
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0)
                .getFsId()
                .getMountpoint();
        ImageExport export = target.apply(new ImageShelf(Path.of(directory)));
        return watched(() -> export.write(names), export::how);
    }

    private static List<String> wholeNames(ImageArchive.Offered image) {
        if (image.names().isEmpty()
                || image.names().stream().anyMatch(name -> !name.contains("/") && !name.contains(":"))) {
            throw new InvalidSpec(
                    "archive", "image " + image.manifest() + " has no whole name in it; give one with --name");
        }
        return image.names();
    }

    private String take(ArchiveRegistry registry, String name, long size) {
        PullImageRequest request = PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder()
                        .setImage(name)
                        .putAnnotations(OwnCalls.FROM, registry.address().toString()))
                .build();
        String of = size > 0 ? " of " + mebibytes(size) : "";
        return watched(() -> daemon.pullFrom(request).getImageRef(), () -> mebibytes(registry.sent()) + of);
    }

    /** The progress is told until the call ends. */
    private <T> T watched(Supplier<T> call, Supplier<String> how) {
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(
                call, task -> Thread.ofPlatform().daemon().start(task));
        while (true) {
            progress.accept(how.get());
            try {
                return answer.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // told above how far it is
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Unavailable("wait for the daemon", "interrupted", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(e.getCause());
            }
        }
    }

    private static String id(String id) {
        String digits = id.replaceFirst("^sha256:", "");
        return digits.substring(0, Math.min(ID_DIGITS, digits.length()));
    }

    private static String mebibytes(long bytes) {
        return "%.1f MiB".formatted(bytes / (double) (1 << 20));
    }
}
