package dev.coracle.spec;

import java.util.List;

/**
 * One rule of a profile: these calls, where all of {@code args} hold, get this action.
 *
 * @param names of system calls; one that an architecture lacks is passed over
 * @param errno what {@code ERRNO} answers, 1 to 4095; not used by other actions
 */
public record SeccompRule(List<String> names, SeccompAction action, int errno, List<SeccompArg> args) {
    public SeccompRule {
        names = List.copyOf(names);
        args = List.copyOf(args);
    }
}
