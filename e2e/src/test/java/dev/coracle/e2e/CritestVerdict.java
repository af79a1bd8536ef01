package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.CritestReport.Spec;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Whether a run of critest is as it must be. */
record CritestVerdict(CritestReport report, CritestChoice choice) {

    /** Prints what there is to know of it. */
    static CritestVerdict of(CritestReport report, CritestChoice choice) {
        System.out.println(report.summary(choice));
        return new CritestVerdict(report, choice);
    }

    void requireNothingUnexpected() {
        assertThat(names(spec -> !spec.passed() && !spec.skipped()))
                .as("failed specs")
                .isEmpty();
        assertThat(names(spec -> spec.skipped() && choice.reason(spec).isEmpty()))
                .as("specs skipped without a known reason")
                .isEmpty();
    }

    long passed() {
        return report.those(Spec::passed).count();
    }

    private Set<String> names(Predicate<Spec> wanted) {
        return report.those(wanted).map(Spec::name).collect(Collectors.toSet());
    }
}
