package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which image a name means. Pure functions. */
final class ImageNames {
    private static final Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

    private ImageNames() {}

    /**
     * The one of this name: with a tag, a digest or both, or an id, whole or the beginning of one that no other image has.
     *
     * @throws InvalidSpec if the beginning of an id is that of several
     */
    static Optional<ImageRecord> find(List<ImageRecord> listed, String name) {
        Optional<ImageRecord> named = byName(listed, name);
        return named.isPresent() ? named : byId(listed, name);
    }

    /** Each tag is that of one image: where two claim it, the one that was pulled later has it. */
    static List<ImageRecord> settled(List<ImageRecord> found) {
        Set<String> taken = new HashSet<>();
        List<ImageRecord> settled = new ArrayList<>();
        found.stream()
                .sorted(Comparator.comparingLong(ImageRecord::updated).reversed())
                .forEach(record -> {
                    List<String> tags = record.image().repoTags().stream()
                            .filter(taken::add)
                            .toList();
                    settled.add(record.withNames(tags, record.image().repoDigests()));
                });
        return settled;
    }

    private static Optional<ImageRecord> byName(List<ImageRecord> listed, String name) {
        Reference reference;
        try {
            reference = Reference.parse(name);
        } catch (InvalidSpec e) {
            return Optional.empty();
        }
        String text = reference.toString();
        return listed.stream()
                .filter(record -> record.image().repoTags().contains(text)
                        || record.image().repoDigests().contains(text))
                .findFirst();
    }

    private static Optional<ImageRecord> byId(List<ImageRecord> listed, String name) {
        var matcher = ID.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String start = matcher.group(1);
        List<ImageRecord> matching = listed.stream()
                .filter(record -> record.image().id().hex().startsWith(start))
                .toList();
        if (matching.size() > 1) {
            throw new InvalidSpec("image", "the id " + name + " is the beginning of several");
        }
        return matching.stream().findFirst();
    }
}
