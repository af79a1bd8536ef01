package dev.coracle.pod;

import dev.coracle.shim.Exit;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a shim that is dead now had seen end, from the files it wrote about it. Any thread. */
final class ExitFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ExitFiles.class);

    private final StorePaths paths;

    ExitFiles(StorePaths paths) {
        this.paths = paths;
    }

    /** How a container ended, if the shim lived to see it. */
    Optional<Exit> read(PodId pod, ContainerId container) {
        Path file = paths.exit(pod, container);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            return Optional.of(parse(container, Files.readString(file)));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("read {}: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** A line such as {@code status=0 started=1700000000000000000 time=1700000001000000000 oom=0 lost=0}. */
    private static Exit parse(ContainerId container, String line) {
        Map<String, Long> figures = Stream.of(line.strip().split(" "))
                .map(figure -> figure.split("=", 2))
                .filter(figure -> figure.length == 2)
                .collect(Collectors.toMap(figure -> figure[0], figure -> Long.valueOf(figure[1])));
        return new Exit(
                container.value(),
                Math.toIntExact(required(figures, "status")),
                Instant.ofEpochSecond(0, required(figures, "started")),
                Instant.ofEpochSecond(0, required(figures, "time")),
                required(figures, "oom") > 0,
                figures.getOrDefault("lost", 0L));
    }

    private static long required(Map<String, Long> figures, String name) {
        Long figure = figures.get(name);
        if (figure == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return figure;
    }
}
