package dev.coracle.planner;

import dev.coracle.spec.SelinuxLabel;

/**
 * What this node's SELinux policy has for containers.
 *
 * @param enabled whether the kernel has a policy; enforced or not, labels are there
 * @param process of containers that ask for nothing; {@link SelinuxLabel#NONE} where the policy knows no containers
 * @param files of what they write; the same
 * @param stored of images' files where they lie on the node: whoever protects memory that a file is mapped into needs the right to
 *     read the file of the layer too, not only that of the overlay; {@link SelinuxLabel#NONE} where the policy has none
 */
public record SelinuxPolicy(boolean enabled, SelinuxLabel process, SelinuxLabel files, SelinuxLabel stored) {
    /** A node without SELinux. */
    public static final SelinuxPolicy OFF =
            new SelinuxPolicy(false, SelinuxLabel.NONE, SelinuxLabel.NONE, SelinuxLabel.NONE);

    /** Whether containers get labels. */
    public boolean labels() {
        return !process.isEmpty() && !files.isEmpty();
    }
}
