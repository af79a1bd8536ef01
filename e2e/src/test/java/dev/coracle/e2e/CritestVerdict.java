package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.CritestReport.Spec;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Whether a run of critest is as it must be. */
record CritestVerdict(CritestReport report) {
    private static final String WITHOUT_APPARMOR = "AppArmor is disabled on this host";

    /** Prints what there is to know of it. */
    static CritestVerdict of(CritestReport report) {
        System.out.println(report.summary());
        return new CritestVerdict(report);
    }

    void requireNothingUnexpected() {
        assertThat(names(spec -> !spec.passed() && !spec.skipped()))
                .as("failed specs")
                .isEmpty();
        assertThat(names(spec -> spec.skipped() && !ruledOut(spec)))
                .as("specs skipped for another reason than the machine")
                .isEmpty();
    }

    long passed() {
        return report.those(spec -> !spec.filtered() && spec.passed()).count();
    }

    private static boolean ruledOut(Spec spec) {
        return spec.filtered() || spec.message().equals(WITHOUT_APPARMOR);
    }

    private Set<String> names(Predicate<Spec> wanted) {
        return report.those(wanted).map(Spec::name).collect(Collectors.toSet());
    }
}
