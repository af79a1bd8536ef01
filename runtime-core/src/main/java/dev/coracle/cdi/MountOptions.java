package dev.coracle.cdi;

import dev.coracle.spec.Propagation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Options of a mount in a specification file, in the words of mount(8). Of words that contradict each other the last one counts.
 *
 * @param recursiveReadonly also what is mounted below is read-only: {@code rro}
 * @param attributes of {@code noexec}, {@code nodev}, {@code nosuid}
 * @param alone without what is mounted below the source: {@code bind}. Without a word it is {@code rbind}, as with a client's volumes
 */
record MountOptions(
        boolean readonly, boolean recursiveReadonly, Propagation propagation, List<String> attributes, boolean alone) {
    private static final Set<String> ATTRIBUTES = Set.of("noexec", "nodev", "nosuid");

    /** The opposites of these. */
    private static final Set<String> WITHOUT = Set.of("exec", "dev", "suid");

    static MountOptions read(Fields mount) throws MalformedSpec {
        boolean readonly = false;
        boolean recursive = false;
        boolean alone = false;
        Propagation propagation = Propagation.PRIVATE;
        Set<String> attributes = new LinkedHashSet<>();
        for (String option : mount.texts("options")) {
            switch (option) {
                case "ro" -> readonly = true;
                case "rro" -> recursive = true;
                case "rw" -> readonly = false;
                case "bind" -> alone = true;
                case "rbind" -> alone = false;
                case "private", "rprivate" -> propagation = Propagation.PRIVATE;
                case "slave", "rslave" -> propagation = Propagation.HOST_TO_CONTAINER;
                case "shared", "rshared" -> propagation = Propagation.BIDIRECTIONAL;
                case "relatime" -> {} // what it is anyway
                default -> attribute(option, attributes, mount);
            }
        }
        return new MountOptions(readonly, recursive, propagation, List.copyOf(attributes), alone);
    }

    private static void attribute(String option, Set<String> attributes, Fields mount) throws MalformedSpec {
        if (ATTRIBUTES.contains(option)) {
            attributes.add(option);
        } else if (WITHOUT.contains(option)) {
            attributes.remove("no" + option);
        } else {
            throw mount.wrong("options", "holds one that is not supported: " + option);
        }
    }
}
