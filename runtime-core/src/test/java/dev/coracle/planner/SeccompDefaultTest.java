package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompDefaultTest {
    private static final CapabilitySet ALL = new CapabilitySet(0x1ff_ffff_ffffL);

    private static SeccompProfile profile(CapabilitySet capabilities) {
        return SeccompDefault.profile(capabilities, Architecture.X86_64);
    }

    private static List<SeccompRule> rules(SeccompProfile profile, String name) {
        return profile.rules().stream()
                .filter(rule -> rule.names().contains(name))
                .toList();
    }

    /** What the runtime itself still does under the filter must be allowed, or no container starts. */
    @Test
    void whatComesAfterTheFilterIsAllowed() {
        for (String name : List.of(
                "setgroups",
                "setresgid",
                "setresuid",
                "capset",
                "prctl",
                "close_range",
                "execve",
                "write",
                "exit_group",
                "exit",
                "futex",
                "fchdir",
                "dup2",
                "dup3",
                "close")) {
            assertThat(rules(profile(CapabilitySet.NONE), name))
                    .as(name)
                    .singleElement()
                    .extracting(SeccompRule::action)
                    .isEqualTo(SeccompAction.ALLOW);
        }
    }

    @Test
    void namespacesNeedTheRight() {
        SeccompProfile usual = profile(CapabilitySet.DEFAULT);
        assertThat(rules(usual, "unshare")).singleElement().satisfies(rule -> {
            assertThat(rule.action()).isEqualTo(SeccompAction.ERRNO);
            assertThat(rule.errno()).isEqualTo(1);
        });
        assertThat(rules(usual, "clone3"))
                .singleElement()
                .extracting(SeccompRule::errno)
                .isEqualTo(38);
        assertThat(rules(usual, "clone")).hasSize(8);
        SeccompProfile admin = profile(CapabilitySet.DEFAULT.plus(CapabilitySet.of("SYS_ADMIN")));
        for (String name : List.of("clone", "clone3", "unshare", "mount", "bpf")) {
            assertThat(rules(admin, name))
                    .as(name)
                    .singleElement()
                    .extracting(SeccompRule::action)
                    .isEqualTo(SeccompAction.ALLOW);
        }
    }

    @Test
    void eitherOfTwoCapabilitiesIsEnough() {
        SeccompProfile profile = profile(CapabilitySet.of("SYSLOG"));
        assertThat(rules(profile, "syslog"))
                .singleElement()
                .extracting(SeccompRule::action)
                .isEqualTo(SeccompAction.ALLOW);
        assertThat(rules(profile, "mount"))
                .singleElement()
                .extracting(SeccompRule::errno)
                .isEqualTo(1);
    }

    /** libseccomp refuses, or worse, orders on its own, two unconditional rules for one call. */
    @Test
    void noCallHasTwoAnswers() {
        for (CapabilitySet set : List.of(CapabilitySet.NONE, CapabilitySet.DEFAULT, ALL)) {
            Set<String> seen = new HashSet<>();
            for (SeccompRule rule : profile(set).rules()) {
                if (rule.args().isEmpty()) {
                    rule.names()
                            .forEach(name -> assertThat(seen.add(name)).as(name).isTrue());
                }
            }
            profile(set).rules().stream()
                    .filter(rule -> !rule.args().isEmpty())
                    .forEach(rule -> assertThat(seen).doesNotContainAnyElementsOf(rule.names()));
        }
    }

    @Test
    void whatIsUnknownFallsBack() {
        SeccompProfile profile = profile(CapabilitySet.DEFAULT);
        assertThat(profile.defaultAction()).isEqualTo(SeccompAction.ERRNO);
        assertThat(profile.defaultErrno()).isEqualTo(38);
        assertThat(profile.architectures()).containsExactly("x86_64", "x86", "x32");
    }
}
