package dev.coracle.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The conformance suite of the CRI, run in the node against its daemon. */
final class Critest {
    /** One spec pulls by the digest that a public image has; ours has another one, of the same length. */
    private static final String PUBLIC_DIGEST = "9700f9a2f5bf2c45f2f605a0bd3bce7cf37420ec9d3ed50ac2758413308766bf";

    private static final String MANIFEST =
            "http://" + Registry.ADDRESS + "/v2/k8s-staging-cri-tools/test-image-digest/manifests/test";
    private static final Duration LIMIT = Duration.ofMinutes(12);

    private final Rig rig;
    private final Path folder;

    Critest(Rig rig) {
        this.rig = rig;
        this.folder = rig.folder("critest");
    }

    /** Runs all specs, or those that the options choose. Everything it said is kept in the node's folder. */
    CritestReport run(String... options) {
        for (String host : List.of("registry.k8s.io", "k8s.gcr.io", "gcr.io")) {
            rig.daemon().dirs().mirror(host, Registry.ADDRESS);
        }
        Path report = folder.resolve("report.json");
        Set<String> segments = sharedMemory();
        Outcome outcome = rig.node().command(LIMIT, command(report, options));
        sharedMemory().stream()
                .filter(id -> !segments.contains(id))
                .forEach(id -> Outcome.of("ipcrm", "-m", id).text());
        write("critest.out", outcome.out() + outcome.err());
        if (!Files.exists(report)) {
            throw new IllegalStateException("critest made no report: " + outcome.out() + outcome.err());
        }
        return CritestReport.read(report);
    }

    private List<String> command(Path report, String... options) {
        String endpoint = "unix://" + rig.daemon().socket();
        List<String> command = new ArrayList<>(List.of(
                "env",
                "TMPDIR=" + folder,
                program().toString(),
                "-runtime-endpoint",
                endpoint,
                "-image-endpoint",
                endpoint,
                "-report-dir",
                folder.toString(),
                "-ginkgo.no-color",
                "-ginkgo.json-report",
                report.toString()));
        command.addAll(List.of(options));
        return command;
    }

    private Path program() {
        Optional<Path> critest = Tools.critest();
        assumeTrue(critest.isPresent(), "critest needs Go to be built");
        try {
            // as text of one byte a character, which keeps every byte
            String original = Files.readString(critest.orElseThrow(), StandardCharsets.ISO_8859_1);
            Path program = folder.resolve("critest");
            Files.writeString(program, original.replace(PUBLIC_DIGEST, digest()), StandardCharsets.ISO_8859_1);
            program.toFile().setExecutable(true);
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String digest() {
        String accept = "Accept: application/vnd.oci.image.manifest.v1+json";
        return rig.node()
                .command("curl", "--silent", "--fail", "--head", "--header", accept, MANIFEST)
                .text()
                .lines()
                .filter(line -> line.startsWith("Docker-Content-Digest: sha256:"))
                .map(line -> line.substring(line.lastIndexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    /** Segments of System V shared memory: critest makes some on the machine and leaves them there. */
    private static Set<String> sharedMemory() {
        try {
            return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                    .skip(1)
                    .map(line -> line.strip().split("\\s+", -1)[1])
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
