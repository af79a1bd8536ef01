package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.ImageConfig;
import java.util.Arrays;
import java.util.List;

/** What is executed, and where it is looked for. */
final class CommandLine {
    private CommandLine() {}

    /**
     * Never empty.
     *
     * @throws InvalidSpec if nothing is left to run
     */
    static List<String> of(ContainerSpec spec, ImageConfig image) {
        List<String> argv = spec.argv(image);
        if (argv.isEmpty()) {
            throw new InvalidSpec("command", "neither the container nor its image says what to run");
        }
        return argv;
    }

    /**
     * The paths to try in turn: the name itself where it holds a slash, else in each directory of PATH.
     *
     * @param field named by the failure
     */
    static List<String> attempts(String name, String path, String field) {
        if (name.isEmpty()) {
            throw new InvalidSpec(field, "the name of the program is empty");
        }
        if (name.contains("/")) {
            return List.of(name);
        }
        List<String> attempts = Arrays.stream(path.split(":", -1))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> directory.endsWith("/") ? directory + name : directory + "/" + name)
                .toList();
        if (attempts.isEmpty()) {
            throw new InvalidSpec(field, "PATH names no directory to look for " + name + " in");
        }
        return attempts;
    }
}
