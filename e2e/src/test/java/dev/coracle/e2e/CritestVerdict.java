package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.CritestReport.Spec;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Whether a run of critest is as it must be. */
record CritestVerdict(CritestReport report) {
    /** What Coracle cannot do yet, by the beginning of the specs' names, with the reason. What passes does not belong here. */
    private static final Map<String, String> MISSING =
            Map.of("[k8s.io] Security Context UserNamespaces ", "pods have no user namespaces of their own yet");

    private static final String WITHOUT_APPARMOR = "AppArmor is disabled on this host";

    /** Prints what there is to know of it. */
    static CritestVerdict of(CritestReport report) {
        System.out.println(report.summary());
        return new CritestVerdict(report);
    }

    void requireNothingUnexpected() {
        assertThat(names(spec -> !spec.passed() && !spec.skipped() && !missing(spec)))
                .as("failed specs")
                .isEmpty();
        assertThat(names(spec -> spec.skipped() && !ruledOut(spec) && !missing(spec)))
                .as("specs skipped for another reason than the machine")
                .isEmpty();
        assertThat(names(spec -> spec.passed() && missing(spec)))
                .as("specs that pass, and are still said to be missing")
                .isEmpty();
    }

    long passedOrMissing() {
        return report.those(spec -> !spec.filtered() && (spec.passed() || missing(spec)))
                .count();
    }

    private static boolean missing(Spec spec) {
        return MISSING.keySet().stream().anyMatch(spec.name()::startsWith);
    }

    private static boolean ruledOut(Spec spec) {
        return spec.filtered() || spec.message().equals(WITHOUT_APPARMOR);
    }

    private Set<String> names(Predicate<Spec> wanted) {
        return report.those(wanted).map(Spec::name).collect(Collectors.toSet());
    }
}
