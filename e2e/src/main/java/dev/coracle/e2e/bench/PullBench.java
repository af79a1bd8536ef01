package dev.coracle.e2e.bench;

import dev.coracle.e2e.DaemonDirs;
import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.Registry;
import dev.coracle.e2e.Tools;
import dev.coracle.e2e.Waiting;
import dev.coracle.e2e.images.LargeLayer;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.RemoveImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Pulls of large images from registries inside each contender's node. */
final class PullBench {
    static final List<String> TRANSPORTS = List.of("http", "TLS");

    private static final Map<String, String> ADDRESSES = Map.of("http", "127.0.0.1:5001", "TLS", "127.0.0.1:5002");
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int TICKS_PER_SECOND = 100;
    private static final int ROUNDS = 3;

    private final Path work;

    private PullBench(Path work) {
        this.work = work;
    }

    /** Makes the images if they are not there, and serves them to all contenders. */
    static PullBench prepare(Collection<Contender> contenders) {
        Path content = PullImages.content();
        try {
            Path work = contenders.iterator().next().rig().folder("pull-steps");
            Path key = certificate(work.resolve("registry.pem"));
            for (Contender contender : contenders) {
                Registry.serveMore(contender.rig().node(), content, address("http"), null);
                Registry.serveMore(contender.rig().node(), content, address("TLS"), key);
                DaemonDirs dirs = contender.rig().daemon().dirs();
                dirs.plainHttp(address("http"));
                trust(dirs, key);
            }
            return new PullBench(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String address(String transport) {
        return ADDRESSES.getOrDefault(transport, "");
    }

    private static Path certificate(Path file) {
        Outcome.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=bench",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        file.toString(),
                        "-out",
                        file.toString())
                .text();
        return file;
    }

    private static void trust(DaemonDirs dirs, Path authority) throws IOException {
        Path dir = Files.createDirectories(dirs.hosts().resolve(address("TLS")));
        Files.writeString(dir.resolve("hosts.toml"), """
            server = "https://%1$s"
            [host."https://%1$s"]
              capabilities = ["pull", "resolve"]
              ca = "%2$s"
            """.formatted(address("TLS"), authority));
    }

    /** One pull of an image that is not there, with nothing waiting to be written to the disk. */
    void pull(Contender contender, String image, String transport, Samples samples) {
        String name = address(transport) + "/" + image;
        long pid = contender.daemon().orElseThrow();
        Outcome.of(LIMIT, List.of("sync")).text();
        long cpu = cpuNanos(pid);
        samples.time(
                image + " over " + transport + ", wall",
                () -> contender.client().pull(name));
        samples.add(image + " over " + transport + ", CPU", cpuNanos(pid) - cpu);
        ImageSpec spec = ImageSpec.newBuilder().setImage(name).build();
        var _ = contender
                .client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
        awaitIdle(pid);
    }

    /** Until it no longer deletes what was removed. */
    private static void awaitIdle(long pid) {
        long[] before = {cpuNanos(pid)};
        Waiting.untilTrue("daemon is idle", LIMIT, () -> {
            Waiting.sleep(Duration.ofSeconds(1));
            long used = cpuNanos(pid) - before[0];
            before[0] += used;
            return used <= Duration.ofMillis(30).toNanos();
        });
    }

    /** Of all threads, and of children that have ended. */
    static long cpuNanos(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = 0;
            for (int i = 11; i < 15; i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks * (Duration.ofSeconds(1).toNanos() / TICKS_PER_SECOND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What decompressing and writing the files take alone, with the fastest programs there are for it. */
    Samples steps() {
        Samples samples = new Samples();
        try {
            for (String image : List.of("one:1", "files:1")) {
                LargeLayer layer =
                        PullImages.all().getOrDefault(image, List.of()).getFirst();
                Path blob = layer.write(work.resolve("layer.tgz")).file();
                Path tar = work.resolve("layer.tar");
                Path gunzip = Tools.provisioned("igzip", "igzip");
                for (int i = 0; i < ROUNDS; i++) {
                    samples.time(
                            image + ", igzip -dc > /dev/null", () -> shell(gunzip + " -dc " + blob + " > /dev/null"));
                }
                shell(gunzip + " -dc " + blob + " > " + tar);
                for (int i = 0; i < ROUNDS; i++) {
                    Path to = Files.createDirectories(work.resolve(layer.seed() + "-" + i));
                    shell("sync");
                    samples.time(image + ", tar -x of the plain archive", () -> shell("tar -xf " + tar + " -C " + to));
                    samples.time(image + ", then syncfs", () -> shell("sync -f " + to));
                }
            }
            shell("rm -rf " + work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return samples;
    }

    private static void shell(String command) {
        Outcome.of(LIMIT, List.of("sh", "-c", command)).text();
    }
}
