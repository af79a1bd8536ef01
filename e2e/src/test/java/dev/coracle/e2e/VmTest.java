package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** The tests tagged "vm" once more, and critest, on Debian 12's own kernel with a real cgroup v2 and AppArmor. */
@DisabledIfSystemProperty(
        named = "coracle.e2e",
        matches = "false",
        disabledReason = "-Dcoracle.e2e=false drives no daemon")
final class VmTest {

    @Test
    void sameTestsOnKernel61WithCgroup2() {
        String run = Tools.root().resolve("deploy/vm/run.sh").toString();
        Outcome outcome = Outcome.of(
                Duration.ofMinutes(28),
                List.of(run, "--timeout", "1500", "--append", "apparmor=1 security=apparmor", "all"));
        System.out.println(outcome.out() + outcome.err());
        assertThat(outcome.status())
                .as(outcome.out().lines().filter(l -> l.startsWith("FAILED")).toList() + "\n" + outcome.err())
                .isZero();
    }
}
