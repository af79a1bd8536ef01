package dev.coracle.image;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a manifest is made for, in the words of the OCI image index: {@code linux}, {@code amd64}, and a variant that may be
 * empty.
 */
public record Platform(String os, String architecture, String variant) {
    /** The baseline of each architecture: no variant means this one. */
    private static String baseline(String architecture) {
        return switch (architecture) {
            case "arm64" -> "v8";
            case "arm" -> "v7";
            case "amd64" -> "v1";
            default -> "";
        };
    }

    /** Other spellings are turned into those of the specification, a missing variant into the architecture's baseline. */
    public Platform {
        architecture = switch (architecture.toLowerCase(Locale.ROOT)) {
            case "aarch64" -> "arm64";
            case "x86_64", "x86-64" -> "amd64";
            default -> architecture.toLowerCase(Locale.ROOT);
        };
        variant = variant.isEmpty() ? baseline(architecture) : variant;
    }

    /** The machine this runs on. */
    public static Platform current() {
        return new Platform("linux", System.getProperty("os.arch", ""), "");
    }

    /** Whether a program for {@code other} is taken to run here: same system and architecture, and no higher variant. */
    boolean runs(Platform other) {
        return os.equals(other.os) && architecture.equals(other.architecture) && variant.compareTo(other.variant) >= 0;
    }

    /**
     * The manifest of an index to run here: of those that run, the highest variant, and of equals the first. One that does not
     * say what it is for is taken only if it stands alone.
     */
    Optional<Descriptor> choose(List<Descriptor> manifests) {
        if (manifests.size() == 1 && manifests.getFirst().platform().isEmpty()) {
            return Optional.of(manifests.getFirst());
        }
        Comparator<Descriptor> byVariant =
                Comparator.comparing(d -> d.platform().orElseThrow().variant());
        return manifests.stream()
                .filter(d -> d.platform().filter(this::runs).isPresent())
                .sorted(byVariant.reversed())
                .findFirst();
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.equals(baseline(architecture)) ? "" : "/" + variant);
    }
}
