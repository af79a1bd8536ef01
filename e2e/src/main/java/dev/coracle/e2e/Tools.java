package dev.coracle.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where the programs are that the tests use: those of e2e/tools/provision.sh, and those that the build makes. */
public final class Tools {
    private Tools() {}

    /** The folder that provision.sh fills. */
    public static Path cache() {
        String set = System.getenv("CORACLE_CACHE");
        return set != null ? Path.of(set) : Path.of(System.getProperty("user.home"), ".cache", "coracle");
    }

    /** The repository. */
    public static Path root() {
        return Path.of(property("coracle.root"));
    }

    /** The programs built from e2e/src/main/c. */
    public static Path programs() {
        return Path.of(property("coracle.programs"));
    }

    /** The packaged tree: bin/coracle and what it needs. */
    public static Path home() {
        return Path.of(property("coracle.home"));
    }

    public static Path busybox() {
        return provisioned("busybox", "busybox");
    }

    /** Needs libraries, and its shell runs what is in PATH, where the static one's runs its own applets. */
    public static Path dynamicBusybox() {
        return provisioned("busybox-dynamic", "busybox");
    }

    public static Path dockerRegistry() {
        return provisioned("docker-registry", "registry");
    }

    /** The folder of CNI plugins. */
    public static Path cniPlugins() {
        return provisioned("cni", "cni");
    }

    /** The newest version of CNI that these plugins speak: Debian's, which serve where no usable Go is, are older than ours. */
    public static String cniVersion() {
        String ask = "echo '{\"cniVersion\":\"1.0.0\"}' | CNI_COMMAND=VERSION "
                + cniPlugins().resolve("bridge");
        return Outcome.of("sh", "-c", ask).text().contains("\"1.1.0\"") ? "1.1.0" : "1.0.0";
    }

    /** Absent on machines without a usable Go. */
    public static Optional<Path> crictl() {
        Path path = cache().resolve("bin/crictl");
        return Files.exists(path) ? Optional.of(path) : Optional.empty();
    }

    /** Absent on machines without a usable Go. The first call on a machine builds it, for a quarter of an hour. */
    public static Optional<Path> kubelet() {
        Path path = provisioned("kubelet", "kubelet");
        return Files.exists(path) ? Optional.of(path) : Optional.empty();
    }

    /** The conformance suite; absent on machines without a usable Go. */
    public static Optional<Path> critest() {
        Path path = provisioned("critest", "critest");
        return Files.exists(path) ? Optional.of(path) : Optional.empty();
    }

    /** A program that provision.sh brings, fetched now if it is not there yet; the VM has no such script, and what was brought along. */
    public static Path provisioned(String name, String part) {
        Path path = cache().resolve("bin").resolve(name);
        Path script = root().resolve("e2e/tools/provision.sh");
        if (!Files.exists(path) && Files.exists(script)) {
            Outcome.of(Duration.ofMinutes(40), List.of(script.toString(), part)).text();
        }
        return path;
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("system property " + name + " is not set: run through Maven or bin/bench");
        }
        return value;
    }
}
