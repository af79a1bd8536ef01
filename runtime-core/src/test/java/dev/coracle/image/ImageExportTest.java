package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is exported is pulled again elsewhere: the layers there are the same, entry by entry. Runs as root. */
class ImageExportTest {
    private static final String CONFIG =
            "{\"Cmd\":[\"/bin/sh\"],\"OnBuild\":null,\"Number\":1.250,\"Labels\":{\"a\":\"ä\"}}";

    @TempDir
    Path work;

    @AutoClose
    private final TestRegistry registry = new TestRegistry();

    @Test
    void theImageIsTheSameElsewhereButForItsId() throws Exception {
        Path state = pulled("a", lower(), upper());
        Path folder = Files.createDirectory(work.resolve("layout"));
        ImageExport.Exported exported = ImageExport.toFolder(new ImageShelf(state), folder)
                .write(List.of(name("a")))
                .getFirst();

        assertThat(exported.names()).containsExactly(name("a"));
        assertThat(exported.there()).isNotEqualTo(exported.here());
        push(folder, "b");
        Path other = pull("b", work.resolve("other"));
        ImageRecord before = record(state, "a");
        ImageRecord after = record(other, "b");
        assertThat(after.image().id()).isEqualTo(exported.there());
        assertThat(after.image().config()).isEqualTo(before.image().config());
        assertThat(withoutDiffIds(after.image().configJson()))
                .isEqualTo(withoutDiffIds(before.image().configJson()));
        assertThat(after.root()).isEqualTo(before.root());
        assertThat(trees(other, after)).isEqualTo(trees(state, before)).hasSize(3);
    }

    /** Whoever exports, imports and exports again gets the same image: its id does not wander. */
    @Test
    void exportedAgainItKeepsItsId() throws Exception {
        Path state = pulled("a", lower(), upper());
        Path folder = Files.createDirectory(work.resolve("layout"));
        var _ = ImageExport.toFolder(new ImageShelf(state), folder).write(List.of(name("a")));
        push(folder, "b");
        Path other = pull("b", work.resolve("other"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        ImageExport.Exported again = ImageExport.toArchive(new ImageShelf(other), out)
                .write(List.of(name("b")))
                .getFirst();

        assertThat(again.there()).isEqualTo(again.here());
    }

    @Test
    void severalImagesShareTheirLayersInOneArchive() throws Exception {
        Path state = pulled("a", lower());
        registry.image("b", "1", CONFIG, LayerBlob.gzip(lower()), LayerBlob.gzip(new Tar().file("more", "x")));
        pull("b", state);
        Path file = work.resolve("both.tar");
        String id = record(state, "b").image().id().hex().substring(0, 12);
        try (OutputStream out = Files.newOutputStream(file)) {
            assertThat(ImageExport.toArchive(new ImageShelf(state), out).write(List.of(name("a"), id, name("a"))))
                    .extracting(ImageExport.Exported::names)
                    .containsExactly(List.of(name("a")), List.of(name("b")));
        }
        try (ImageArchive archive = ImageArchive.open(file, "it")) {
            List<Manifest.Image> images = new ArrayList<>();
            for (ImageArchive.Offered image : archive.images()) {
                byte[] manifest = archive.blob(image.manifest()).orElseThrow().bytes(1 << 20);
                images.add((Manifest.Image) Manifest.parse(manifest));
            }
            assertThat(archive.images())
                    .extracting(ImageArchive.Offered::names)
                    .containsExactly(List.of(name("a")), List.of(name("b")));
            assertThat(images.getFirst().layers().getFirst())
                    .isEqualTo(images.getLast().layers().getFirst());
            Descriptor layer = images.getLast().layers().getLast();
            byte[] content = archive.blob(layer.digest()).orElseThrow().bytes(1 << 20);
            assertThat(Digest.sha256(content)).isEqualTo(layer.digest());
        }
        assertThat(names(file)).doesNotHaveDuplicates().contains("oci-layout", "index.json", "manifest.json");
    }

    @Test
    void whatGoesMeanwhileIsNotedAndWhatIsNotThereIsSaid() throws Exception {
        Path state = pulled("a", lower());
        Path layer = new ImagePaths(state).layer(record(state, "a").layers().getFirst());
        OutputStream removing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                if (Files.exists(layer)) {
                    Files.move(layer, work.resolve("trash"));
                }
            }
        };
        assertThatThrownBy(() ->
                        ImageExport.toArchive(new ImageShelf(state), removing).write(List.of(name("a"))))
                .isInstanceOf(Unavailable.class)
                .hasMessage("export " + name("a") + ": the image was removed meanwhile");
        assertThatThrownBy(() ->
                        ImageExport.toArchive(new ImageShelf(state), removing).write(List.of("never")))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("never");
    }

    private static Tar lower() {
        return new Tar()
                .directory("./", 01755)
                .directory("tmp/", 01777)
                .entry("bin/tool", TarConstants.LF_NORMAL, "#!", owned(5, 6, 04755))
                .file("etc/gone", "x")
                .file("big", "0123456789".repeat(40_000));
    }

    private static Tar upper() {
        return new Tar()
                .file("tmp/new", "new")
                .link("bin/alias", "bin/tool")
                .link("bin/second", "bin/alias")
                .file("etc/.wh.gone", "")
                .file("bin/.wh.tool", "");
    }

    private static Consumer<TarArchiveEntry> owned(int uid, int gid, int mode) {
        return entry -> {
            entry.setIds(uid, gid);
            entry.setMode(mode);
        };
    }

    private String name(String repository) {
        return registry.host() + "/" + repository + ":1";
    }

    private Path pulled(String repository, Tar... tars) {
        registry.image(
                repository, "1", CONFIG, Stream.of(tars).map(LayerBlob::gzip).toArray(LayerBlob[]::new));
        return pull(repository, work.resolve("state"));
    }

    private Path pull(String repository, Path state) {
        try (Images images = Images.open(state);
                Pulls pulls = new Pulls(images, PullSettings.DEFAULT)) {
            var _ = pulls.pull(name(repository), Credentials.NONE).await();
        }
        return state;
    }

    /** As a registry would get it from any other tool. */
    private void push(Path layout, String repository) throws IOException {
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                Digest digest = registry.blob(repository, Files.readAllBytes(blob));
                assertThat(digest.hex()).isEqualTo(blob.getFileName().toString());
            }
        }
        JsonTree index = JsonTree.parse(Files.readAllBytes(layout.resolve("index.json")));
        String manifest =
                Digest.parse(index.list("manifests").getFirst().text("digest")).hex();
        registry.manifest(
                repository,
                "1",
                ExportDocuments.MANIFEST,
                Files.readString(layout.resolve("blobs/sha256").resolve(manifest)));
    }

    private ImageRecord record(Path state, String repository) throws IOException {
        return new ImageShelf(state).record(name(repository)).orElseThrow();
    }

    /** The image's layers and the one on top, from the lowest up; not what is as old as the unpacking. */
    private static List<Map<String, String>> trees(Path state, ImageRecord image) throws IOException {
        List<Map<String, String>> trees = new ArrayList<>();
        for (Digest diffId : image.layers()) {
            Path layer = new ImagePaths(state).layer(diffId);
            Map<String, String> tree = Trees.describe(ImagePaths.files(layer));
            LayerNotes notes = LayerRecord.read(ImagePaths.record(layer)).readNotes(ImagePaths.notes(layer));
            notes.implied().forEach(path -> tree.remove(path.text()));
            tree.remove("");
            tree.replaceAll((_, line) -> line.startsWith("20000 ") ? "whiteout" : line);
            trees.add(tree);
        }
        trees.getLast().remove("bin");
        return trees;
    }

    private static String withoutDiffIds(String config) {
        return config.replaceFirst("\"diff_ids\":\\[[^]]*]", "");
    }

    private static List<String> names(Path archive) throws Exception {
        Process tar = new ProcessBuilder("tar", "-tf", archive.toString()).start();
        String names = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tar.waitFor()).isZero();
        return names.lines().toList();
    }
}
