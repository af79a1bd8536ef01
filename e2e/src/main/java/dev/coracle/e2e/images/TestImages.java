package dev.coracle.e2e.images;

import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.Registry;
import dev.coracle.e2e.Tools;
import dev.coracle.e2e.images.Layer.Attributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every image that the tests run, by repository and tag as they are in the tests' registry. */
public final class TestImages {
    public static final String BUSYBOX = Registry.ADDRESS + "/busybox:1";
    public static final String NGINX = Registry.ADDRESS + "/nginx:1";

    private TestImages() {}

    /** The name under which a node's runtime pulls one of these images. */
    public static String name(String repositoryAndTag) {
        return Registry.ADDRESS + "/" + repositoryAndTag;
    }

    /** The images that have one platform, by repository and tag. */
    public static Map<String, OciImage> all() {
        OciImage base = Busybox.image();
        Map<String, OciImage> images = new LinkedHashMap<>();
        images.put("busybox:1", base);
        images.put("busybox:zstd", base.compressed(Compression.ZSTD));
        images.put("busybox:tar", base.compressed(Compression.NONE));
        images.put("pause:1", Busybox.pause());
        for (int count : List.of(40, 60, 120)) {
            images.put("layers:" + count, layers(base, count));
        }
        images.put("whiteouts:1", whiteouts(base));
        images.put("odd:1", base.plus(OddLayer.make()));
        images.put("implied:1", implied(base));
        images.put("stacked:1", base.plus(StackedLayers.make().toArray(Layer[]::new)));
        images.put(
                "root:own",
                base.plus(new Layer().dir(".", Attributes.mode(01771).owner(1000, 2000))));
        images.put("scratch:1", OciImage.of(List.of()));
        users(base, images);
        configurations(base, images);
        return images;
    }

    /** One file of its own in each layer, and one that every layer replaces. */
    private static OciImage layers(OciImage base, int count) {
        List<Layer> layers = new ArrayList<>();
        for (int i = base.layers().size() + 1; i <= count; i++) {
            layers.add(new Layer()
                    .dir("layers")
                    .file("layers/" + i, "layer " + i + "\n")
                    .file("top", i + "\n"));
        }
        return base.plus(layers.toArray(Layer[]::new));
    }

    private static OciImage whiteouts(OciImage base) {
        Layer below = new Layer()
                .dir("w")
                .file("w/gone", "below\n")
                .file("w/kept", "below\n")
                .file("w/again", "below\n")
                .dir("w/dir")
                .file("w/dir/inside", "below\n")
                .dir("w/opaque")
                .file("w/opaque/hidden", "below\n")
                .dir("w/file-now")
                .file("w/file-now/x", "below\n");
        Layer middle = new Layer()
                .whiteout("w/gone")
                .whiteout("w/again")
                .whiteout("w/dir")
                .whiteout("w/never-was")
                .dir("w/opaque")
                .opaque("w/opaque")
                .file("w/opaque/shown", "middle\n")
                .whiteout("w/file-now");
        Layer top =
                new Layer().file("w/again", "top\n").file("w/file-now", "top\n").dir("w/dir");
        return base.plus(below, middle, top);
    }

    /** Upper layers that name files in /tmp and /home/app without naming these directories: their modes and owners stay. */
    private static OciImage implied(OciImage base) {
        return base.plus(
                new Layer().file("tmp/a", "a\n").file("home/app/b", "b\n"),
                new Layer().file("new/dir/ectory/c", "c\n"));
    }

    private static void users(OciImage base, Map<String, OciImage> images) {
        images.put("user:uid", base.with("User", "1000"));
        images.put("user:name", base.with("User", "app"));
        images.put("user:uid-gid", base.with("User", "1000:2000"));
        images.put("user:name-group", base.with("User", "app:extra"));
        images.put("user:unknown-uid", base.with("User", "54321"));
        images.put("user:unknown-name", base.with("User", "ghost"));
        images.put("user:unknown-group", base.with("User", "app:ghosts"));
    }

    private static void configurations(OciImage base, Map<String, OciImage> images) {
        images.put(
                "config:entrypoint",
                base.with("Entrypoint", List.of("/t/show", "fixed"), "Cmd", List.of("one", "two")));
        images.put("config:workdir", base.with("WorkingDir", "/made/by/runtime"));
        images.put("config:env", base.with("Env", List.of(Busybox.PATH, "FROM_IMAGE=yes", "EMPTY=", "BOTH=image")));
        images.put("config:no-path", base.with("Env", List.of("ONLY=this")));
        images.put("config:stopsignal", base.with("StopSignal", "SIGUSR1", "Cmd", List.of("/t/trap", "exit", "7")));
        images.put("config:stopsignal-number", base.with("StopSignal", "12", "Cmd", List.of("/t/trap", "exit", "7")));
        images.put(
                "config:volumes",
                base.with("Volumes", Json.object("/data", Map.of(), "/home/app", Map.of(), "/proc/x", Map.of())));
        images.put(
                "config:labels",
                base.with("Labels", Json.object("org.example.one", "1", "org.example.two", "\"quoted\"")));
        images.put("config:nothing", OciImage.of(base.layers()));
        images.put("config:missing-program", base.with("Cmd", List.of("/no/such/program")));
        images.put("config:not-executable", base.with("Cmd", List.of("/etc/passwd")));
    }

    /** For each platform an image that knows which one it is. */
    public static Map<String, OciImage> platforms() {
        OciImage base = Busybox.image();
        Map<String, OciImage> platforms = new LinkedHashMap<>();
        for (String platform : List.of("linux/arm/v7", "linux/arm64/v8", "linux/amd64", "linux/s390x")) {
            platforms.put(
                    platform,
                    base.plus(new Layer().file("platform", platform + "\n"))
                            .onArchitecture(platform.split("/", -1)[1]));
        }
        return platforms;
    }

    /** The folder of a registry with all of these, made now if this version of them has not been made yet. */
    public static Path registryContent() {
        Path dir = Tools.cache().resolve("registry-" + key());
        try {
            Files.createDirectories(Tools.cache());
            try (FileChannel lock = FileChannel.open(
                            Tools.cache().resolve("registry.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock _ = lock.lock()) {
                if (!Files.exists(dir)) {
                    Path fresh = Files.createTempDirectory(Tools.cache(), "registry-new");
                    fill(fresh);
                    Files.move(fresh.resolve("content"), dir);
                    removeOld(dir, fresh);
                }
            }
            return dir;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Content of earlier versions goes, but for what a test may still be serving. */
    private static void removeOld(Path current, Path fresh) throws IOException {
        Instant old = Instant.now().minus(Duration.ofHours(12));
        try (Stream<Path> list = Files.list(Tools.cache())) {
            for (Path dir : list.filter(p -> p.getFileName().toString().startsWith("registry-"))
                    .filter(Files::isDirectory)
                    .filter(p -> !p.equals(current))
                    .toList()) {
                if (dir.equals(fresh)
                        || Files.getLastModifiedTime(dir).toInstant().isBefore(old)) {
                    Outcome.of("rm", "-rf", dir.toString()).text();
                }
            }
        }
    }

    private static void fill(Path dir) {
        try (Registry.Filling filling = Registry.fill(dir, dir.resolve("content"));
                RegistryClient client = new RegistryClient(filling.address())) {
            all().forEach((name, image) -> {
                String[] parts = name.split(":", 2);
                var _ = client.push(parts[0], parts[1], image);
            });
            var _ = client.pushIndex("platforms", "1", platforms());
            BrokenImages.push(client);
            CritestImages.push(client);
            String script = Tools.root().resolve("e2e/tools/nginx-image.sh").toString();
            Outcome.of(Duration.ofMinutes(10), List.of(script, filling.address()))
                    .text();
        }
    }

    /** Differs when the images could: it is made of the classes here, and of the programs that go into images. */
    private static String key() {
        StringBuilder all = new StringBuilder();
        List<Path> files = new ArrayList<>(List.of(Tools.busybox()));
        try {
            Path classes = Path.of(TestImages.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .getPath())
                    .resolve("dev/coracle/e2e/images");
            for (Path dir : List.of(classes, Tools.programs())) {
                try (Stream<Path> list = Files.list(dir)) {
                    list.filter(Files::isRegularFile).sorted().forEach(files::add);
                }
            }
            for (Path file : files) {
                all.append(new Blob(Files.readAllBytes(file)).digest());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Blob(all.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .digest()
                .substring(7, 19);
    }
}
