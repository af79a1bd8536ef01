package dev.coracle.plan;

import java.util.Locale;

/** A constant that plans print as a lower case word and encode as that. */
public sealed interface Keyword
        permits ChildKind,
                CloneFlag,
                EntryType,
                MountAttr,
                MountDepth,
                MountFlag,
                Namespace,
                NodeType,
                OpenFlag,
                PropagationType,
                Rlimit,
                Role,
                SeccompFlag,
                TreeFlag,
                UmountFlag {
    String name();

    int ordinal();

    /** The word in a plan's text. */
    default String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }
}
