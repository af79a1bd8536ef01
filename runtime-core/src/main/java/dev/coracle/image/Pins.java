package dev.coracle.image;

import java.util.Arrays;
import java.util.List;

/**
 * Which images a kubelet must not collect when disk space runs short. Immutable.
 *
 * @param names tags and digests as images have them ({@code docker.io/library/busybox:1.36}); {@code *} at the end stands for any rest
 */
public record Pins(List<String> names) {
    public static final Pins NONE = new Pins(List.of());

    public Pins {
        names = List.copyOf(names);
    }

    /** Names between blanks. */
    public static Pins of(String text) {
        return new Pins(Arrays.stream(text.split("\\s+", -1))
                .filter(name -> !name.isEmpty())
                .toList());
    }

    boolean hold(Image image) {
        return image.repoTags().stream().anyMatch(this::hold)
                || image.repoDigests().stream().anyMatch(this::hold);
    }

    private boolean hold(String name) {
        return names.stream()
                .anyMatch(pin ->
                        pin.endsWith("*") ? name.startsWith(pin.substring(0, pin.length() - 1)) : name.equals(pin));
    }
}
