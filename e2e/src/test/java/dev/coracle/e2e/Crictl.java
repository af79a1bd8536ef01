package dev.coracle.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** crictl within a node, where streams are served. */
record Crictl(Node node, Path socket) {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** The command line; skips the test where there is no crictl. */
    List<String> command(String... arguments) {
        assumeTrue(Tools.crictl().isPresent(), "crictl needs Go to be built");
        List<String> command = new ArrayList<>(List.of(
                "nsenter",
                "--target",
                String.valueOf(node.holder()),
                "--net",
                "--",
                Tools.crictl().orElseThrow().toString(),
                "--runtime-endpoint",
                "unix://" + socket,
                "--image-endpoint",
                "unix://" + socket,
                "--timeout",
                "60s"));
        command.addAll(List.of(arguments));
        return command;
    }

    Process start(String... arguments) {
        try {
            return new ProcessBuilder(command(arguments))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until somebody in the node listens on this port. */
    void awaitListener(int port) {
        Waiting.untilTrue(
                "a listener on port " + port,
                LIMIT,
                () -> node.command("sh", "-c", "ss -ltn | grep -q ':" + port + " '")
                                .status()
                        == 0);
    }
}
