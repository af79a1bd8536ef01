package dev.coracle.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The plans that the daemon keeps of a pod. */
final class KeptPlans {
    private KeptPlans() {}

    /** Those whose title begins so. */
    static List<Path> titled(Rig rig, RunningPod pod, String beginning) throws IOException {
        Path plans = rig.daemon().dirs().run().resolve("pods").resolve(pod.id()).resolve("plans");
        try (Stream<Path> files = Files.list(plans)) {
            return files.filter(file -> file.toString().endsWith(".plan"))
                    .filter(file -> text(file).startsWith("plan \"" + beginning))
                    .sorted()
                    .toList();
        }
    }

    /** As the shim reads it. */
    static String text(Path plan) {
        return Outcome.of(Tools.home().resolve("lib/coracle-shim").toString(), "--print", plan.toString())
                .text();
    }
}
