package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.LayerStack.RootDirectory;
import dev.coracle.linux.FileStat;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * One pull, from the image's name to the image: manifest, configuration, all layers side by side, what must lie on top of them,
 * and the record that makes it real. Confined to one platform thread; an interrupt stops it.
 */
final class Pull implements Callable<Image> {
    private static final int MAX_INDEX_DEPTH = 3;

    /** Starts or joins the fetch of a layer. */
    interface LayerSource {
        SharedWork<?, LayerRecord>.Ticket fetch(Registry registry, Descriptor blob, Digest diffId);
    }

    private final Reference reference;
    private final Registry registry;
    private final Images images;
    private final PullLimits limits;
    private final LayerSource source;
    private final PullProgress progress;
    /** Layers that this pull holds, from the lowest up. */
    private final List<Digest> held = new ArrayList<>();

    /** What is to be pulled. */
    record Order(Reference reference, Registry registry, PullLimits limits) {}

    Pull(Order order, Images images, LayerSource source, PullProgress progress) {
        this.reference = order.reference();
        this.registry = order.registry();
        this.images = images;
        this.limits = order.limits();
        this.source = source;
        this.progress = progress;
    }

    /** @throws RuntimeFailure if the image cannot be had; then nothing is left of it */
    @Override
    public Image call() {
        boolean done = false;
        try {
            Image image = pull();
            done = true;
            return image;
        } catch (IOException e) {
            throw failure(e);
        } finally {
            if (!done) {
                images.layers().release(held);
            }
        }
    }

    private Image pull() throws IOException {
        Registry.Document top = registry.resolve();
        Manifest.Image manifest = choose(Manifest.parse(top.bytes()), 0);
        Registry.Document document = registry.config(manifest.config().digest());
        ConfigFile config = ConfigFile.parse(document.bytes());
        check(manifest, config);
        fetchLayers(manifest.layers(), config.diffIds());
        RootDirectory root = assemble();
        Image image = new Image(
                document.digest(),
                reference.tag().isPresent() ? List.of(reference.toString()) : List.of(),
                List.of(reference.pinned(top.digest())),
                size(),
                config.config(),
                new String(document.bytes(), StandardCharsets.UTF_8));
        return images.commit(new ImageRecord(image, held, root, false, System.currentTimeMillis()));
    }

    private Manifest.Image choose(Manifest manifest, int depth) throws IOException {
        return switch (manifest) {
            case Manifest.Image image -> image;
            case Manifest.Index index -> {
                if (depth == MAX_INDEX_DEPTH) {
                    throw new InvalidSpec("image", reference + " is an index of indexes of indexes");
                }
                Descriptor chosen = Platform.current()
                        .choose(index.manifests())
                        .orElseThrow(() -> wrongPlatform(index.manifests().stream()
                                .flatMap(entry -> entry.platform().stream())
                                .map(Platform::toString)
                                .collect(Collectors.joining(", "))));
                yield choose(Manifest.parse(registry.manifest(chosen.digest()).bytes()), depth + 1);
            }
        };
    }

    private void check(Manifest.Image manifest, ConfigFile config) {
        boolean said = !config.platform().os().isEmpty()
                && !config.platform().architecture().isEmpty();
        if (said && !Platform.current().runs(config.platform())) {
            throw wrongPlatform(config.platform().toString());
        }
        int layers = manifest.layers().size();
        if (layers != config.diffIds().size()) {
            throw new InvalidSpec(
                    "image",
                    reference + " has " + layers + " layers, but its configuration names "
                            + config.diffIds().size());
        }
        if (layers > limits.layers()) {
            throw new InvalidSpec("image", reference + " has " + layers + " layers, more than " + limits.layers());
        }
    }

    private NotFound wrongPlatform(String offered) {
        return new NotFound(
                "image",
                reference.toString(),
                "there is none for " + Platform.current() + (offered.isEmpty() ? "" : ", only for " + offered));
    }

    private void fetchLayers(List<Descriptor> blobs, List<Digest> diffIds) throws IOException {
        List<SharedWork<?, LayerRecord>.Ticket> tickets = new ArrayList<>();
        progress.expect(blobs);
        try {
            for (int i = 0; i < blobs.size(); i++) {
                Optional<LayerRecord> there =
                        images.layers().hold(diffIds.get(i), blobs.get(i).digest());
                if (there.isPresent()) {
                    held.add(diffIds.get(i));
                    progress.done(blobs.get(i));
                } else {
                    tickets.add(fetch(blobs.get(i), diffIds.get(i)));
                }
            }
            awaitAll(tickets);
            List<Digest> before = List.copyOf(held);
            for (SharedWork<?, LayerRecord>.Ticket ticket : tickets) {
                hold(ticket.result().join().diffId());
            }
            putInOrder(before, diffIds);
        } finally {
            tickets.forEach(SharedWork.Ticket::leave);
        }
    }

    private SharedWork<?, LayerRecord>.Ticket fetch(Descriptor blob, Digest diffId) {
        SharedWork<?, LayerRecord>.Ticket ticket = source.fetch(registry, blob, diffId);
        var _ = ticket.result().thenRun(() -> progress.done(blob));
        return ticket;
    }

    private void hold(Digest layer) {
        if (!images.layers().hold(List.of(layer))) {
            throw new IllegalStateException("a layer went away while it was held: " + layer);
        }
        held.add(layer);
    }

    /** What was held first and what came later, in the order of the image. */
    private void putInOrder(List<Digest> before, List<Digest> diffIds) {
        if (held.size() != diffIds.size() || !new HashSet<>(held).equals(new HashSet<>(diffIds))) {
            throw new IllegalStateException("held " + held + " after " + before + ", not " + diffIds);
        }
        held.clear();
        held.addAll(diffIds);
    }

    /** Returns when all are done, or at once when one fails. */
    private static void awaitAll(List<SharedWork<?, LayerRecord>.Ticket> tickets) throws IOException {
        CompletableFuture<Void> firstFailure = new CompletableFuture<>();
        CompletableFuture<?>[] results =
                tickets.stream().map(SharedWork.Ticket::result).toArray(CompletableFuture<?>[]::new);
        for (CompletableFuture<?> result : results) {
            var _ = result.whenComplete((_, failure) -> {
                if (failure != null) {
                    firstFailure.completeExceptionally(failure);
                }
            });
        }
        try {
            CompletableFuture.anyOf(CompletableFuture.allOf(results), firstFailure)
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the pull was stopped").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
    }

    /** Puts on top what the layers do not show by themselves, and finds what the root directory must be like. */
    private RootDirectory assemble() throws IOException {
        List<LayerView> views = new ArrayList<>();
        try {
            Set<Digest> seen = new HashSet<>();
            for (Digest layer : List.copyOf(held).reversed()) {
                if (seen.add(layer)) {
                    views.add(images.layers().view(layer));
                }
                if (views.getLast().notes().hidesAll()) {
                    break;
                }
            }
            addTopLayer(new TopLayer(views));
            for (LayerView view : views) {
                if (view.notes().rootGiven()) {
                    FileStat stat = view.stat(LayerPath.ROOT);
                    return new RootDirectory(stat.permissions(), stat.uid(), stat.gid());
                }
            }
            return RootDirectory.DEFAULT;
        } finally {
            views.forEach(LayerView::close);
        }
    }

    private void addTopLayer(TopLayer top) throws IOException {
        if (!top.plan()) {
            return;
        }
        String below = held.stream().map(Digest::toString).collect(Collectors.joining("\n"));
        Digest id = Digest.sha256(("what lies on top of\n" + below).getBytes(StandardCharsets.UTF_8));
        LayerStore layers = images.layers();
        if (layers.hold(List.of(id))) {
            held.add(id);
            return;
        }
        StagedLayer staged = layers.stage();
        LayerNotes notes;
        try {
            notes = top.make(staged.files());
        } catch (IOException | RuntimeException e) {
            layers.drop(staged);
            throw e;
        }
        layers.adopt(staged, id, null, notes);
        held.add(id);
    }

    private long size() {
        return held.stream()
                .distinct()
                .mapToLong(layer -> images.layers().record(layer).bytes())
                .sum();
    }

    private RuntimeFailure failure(IOException e) {
        String action = "pull " + reference;
        String reason = String.valueOf(e.getMessage());
        return switch (e) {
            case InterruptedIOException _ -> new Cancelled(action);
            case LayerFault _ -> new InvalidSpec("image", reference + ": " + reason);
            case IOException failure
            when LayerFetch.isDiskFull(failure) -> new Exhausted(action, "the disk that holds images is full", e);
            default -> new Unavailable(action, reason, e);
        };
    }
}
