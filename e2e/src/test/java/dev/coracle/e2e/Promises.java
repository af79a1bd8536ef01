package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a node whose power went had said, a line each: what was pulled and not removed since is there afterwards, and pods that it had
 * spoken of are known. With it go the images' names, and whether this life is the last. Confined to one thread.
 *
 * @param images as in the tests' registry, in the order in which they are pulled
 * @param pulled those of them that must be there
 */
record Promises(List<String> images, Set<String> pulled, List<Promised> pods, boolean last) {
    /** What lines that mean something begin with. */
    static final String MARK = "node: ";

    private static final String LAST = "last";
    private static final String IMAGE = "image ";

    /** A container that has ended, so that its exit code must be known, or was running. */
    record Promised(String pod, String container, int exitCode) {}

    static Promises none(List<String> images) {
        return new Promises(images, new LinkedHashSet<>(), new ArrayList<>(), false);
    }

    /** The same, but for the order in which the next life pulls. */
    Promises pulling(List<String> order) {
        return new Promises(order, pulled, pods, last);
    }

    /** With what the node says now. */
    void hear(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "removing" -> pulled.remove(words[1]);
            case "pulled" -> pulled.add(words[1]);
            case "pod" -> pods.add(new Promised(words[1], words[2], Integer.parseInt(words[3])));
            default -> {}
        }
    }

    void write(Path file, boolean lastLife) throws IOException {
        List<String> lines = new ArrayList<>();
        images.forEach(image -> lines.add(IMAGE + image));
        pulled.forEach(image -> lines.add("pulled " + image));
        pods.forEach(p -> lines.add("pod " + p.pod() + " " + p.container() + " " + p.exitCode()));
        if (lastLife) {
            lines.add(LAST);
        }
        Files.write(file, lines);
    }

    static Promises read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            Promises promises = new Promises(
                    lines.stream()
                            .filter(l -> l.startsWith(IMAGE))
                            .map(l -> l.substring(IMAGE.length()))
                            .toList(),
                    new LinkedHashSet<>(),
                    new ArrayList<>(),
                    lines.contains(LAST));
            lines.forEach(promises::hear);
            return promises;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
