package dev.coracle.pod;

import dev.coracle.failure.Errno;
import dev.coracle.plan.Plan;
import dev.coracle.planner.KernelRelease;
import dev.coracle.planner.UserNamespaceSteps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether pods can have user namespaces of their own: a plan is carried out that does what they need. The number of the kernel alone does
 * not tell: a sysctl may forbid user namespaces, and a file system of layers may not take idmapped mounts.
 */
final class UserNamespaceProbe {
    private static final Pattern FAILED = Pattern.compile("(?m)^failed (-?\\d+) (\\d+)");

    private UserNamespaceProbe() {}

    /** For people; empty if they can. */
    static String reasonAgainst(KernelRelease kernel, Path layers, Path scratch, Path shim) throws IOException {
        if (!kernel.atLeast(6, 3)) {
            return "it needs Linux 6.3, which can map the ids of a tmpfs, and this node runs " + kernel.major() + "."
                    + kernel.minor();
        }
        Plan plan = UserNamespaceSteps.probe(layers.toAbsolutePath().toString());
        Path directory = Files.createTempDirectory(scratch, "probe");
        Path file = directory.resolve("probe.plan");
        try {
            Files.write(file, plan.encode());
            return reason(plan, run(shim, directory, file));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory.resolve("0.result"));
            Files.delete(directory);
        }
    }

    private static String run(Path shim, Path directory, Path plan) throws IOException {
        Process process = new ProcessBuilder(shim.toString(), "--run-plans", directory.toString(), plan.toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        try (var out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String reason(Plan plan, String output) {
        Matcher failed = FAILED.matcher(output);
        if (failed.find()) {
            int index = Integer.parseInt(failed.group(1));
            String op = index < 0 ? "" : "op " + index + " " + plan.text(index) + ": ";
            return "this node refuses it: " + op + Errno.name(Integer.parseInt(failed.group(2)));
        }
        return output.startsWith("done") ? "" : "the probe for it said: " + output.strip();
    }
}
