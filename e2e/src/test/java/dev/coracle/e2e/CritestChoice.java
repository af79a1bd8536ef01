package dev.coracle.e2e;

import dev.coracle.e2e.CritestReport.Spec;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which of critest's specs are run, and which may be skipped.
 *
 * @param leftOut beginning of the specs' names, without "[k8s.io] ", to why they are not run
 * @param ruledOut what a spec says that the machine itself rules out, to why that is so
 */
record CritestChoice(Map<String, String> leftOut, Map<String, String> ruledOut) {
    private static final String SUITE = "[k8s.io] ";

    /** All of them, on a machine without AppArmor. */
    static final CritestChoice EVERYTHING =
            new CritestChoice(Map.of(), Map.of("AppArmor is disabled on this host", "the kernel has it switched off"));

    CritestChoice {
        leftOut = Map.copyOf(leftOut);
        ruledOut = Map.copyOf(ruledOut);
    }

    /** A pattern for critest, of the names that are left out. */
    String pattern() {
        return leftOut.keySet().stream()
                .map(name -> "\\Q" + SUITE + name + "\\E")
                .sorted()
                .collect(Collectors.joining("|"));
    }

    /** Why a spec was skipped; empty where it should not have been. */
    Optional<String> reason(Spec spec) {
        if (!spec.filtered()) {
            return Optional.ofNullable(ruledOut.get(spec.message())).map(why -> spec.message() + ": " + why);
        }
        if (spec.benchmark()) {
            return Optional.of("not asked for: it measures");
        }
        return leftOut.keySet().stream()
                .filter(name -> spec.name().startsWith(SUITE + name))
                .findFirst()
                .map(leftOut::get);
    }
}
