package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ResolvedUser;
import java.util.List;

/** Containers with terminals, with other programs beside the main one, and with nothing to run. */
final class ProcessScenarios {
    private final KernelRig rig;

    private ProcessScenarios(KernelRig rig) {
        this.rig = rig;
    }

    static void addTo(KernelRig rig) {
        ProcessScenarios all = new ProcessScenarios(rig);
        all.terminal();
        all.executed();
        all.failures();
    }

    private Samples samples(String name) {
        return rig.samples(name);
    }

    private void terminal() {
        Samples samples = samples("terminal");
        samples.tty = true;
        samples.stdin = true;
        String script =
                "echo '== tty'; tty; ls -l /dev/console /dev/pts; echo $TERM; echo hi > /dev/console; echo '== end'";
        rig.add("terminal", samples, script, outcome -> {
            outcome.clean();
            outcome.in("tty")
                    .startsWith("/dev/pts/0")
                    .contains("136,")
                    .contains("xterm")
                    .contains("hi");
        });
    }

    private void executed() {
        for (boolean traceable : List.of(false, true)) {
            String name = traceable ? "exectraced" : "exec";
            Samples samples = samples(name);
            samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L, 2000L), "/home/web");
            samples.workingDir = "/home/web";
            samples.filter = Samples.allowAll();
            samples.noNewPrivs = true;
            samples.capabilities =
                    new CapabilityRequest(traceable ? List.of("SYS_PTRACE") : List.of(), List.of(), List.of());
            samples.args = List.of("exec > /dev/null 2>&1; sleep 60");
            Plan exec = rig.exec(samples, KernelScenarios.LOOK + "echo '== ps'; ps; exit 7");
            samples.tty = true;
            Plan terminal = rig.exec(samples, "echo '== tty'; tty; echo '== end'");
            samples.tty = false;
            rig.add(name, samples, 2, List.of(exec, terminal), outcome -> {
                outcome.clean();
                assertThat(outcome.exit("e1")).isEqualTo(7);
                outcome.in("status")
                        .contains("Uid:\t1000\t1000\t1000\t1000")
                        .contains("Groups:\t1001 2000")
                        .contains("CapEff:\t0000000000000000")
                        .contains("NoNewPrivs:\t1")
                        .contains("Seccomp:\t2");
                outcome.in("cwd").isEqualTo("/home/web");
                outcome.in("host").isEqualTo("web-0");
                outcome.in("ps").contains("sleep 60");
                outcome.in("tty").startsWith("/dev/pts/0");
                assertThat(outcome.section("cgroup").lines()).allMatch(line -> line.endsWith(":/"));
                onlyItsOwnDescriptors(outcome);
            });
        }
    }

    private void failures() {
        Samples samples = samples("nofile");
        samples.command = List.of("no-such-program");
        samples.args = List.of();
        rig.add("nofile", samples, 2, List.of(), outcome -> {
            assertThat(outcome.output()).contains("failed ");
            int op = Integer.parseInt(outcome.output().replaceAll("(?s).*failed (\\d+) .*", "$1"));
            assertThat(outcome.plans().get(2).text(op)).startsWith("[c] execve");
            assertThat(outcome.output()).containsPattern("failed \\d+ 2 ");
            assertThat(outcome.newMounts()).isEmpty();
            assertThat(outcome.netns()).doesNotContain("coracle-test");
        });
    }

    static void onlyItsOwnDescriptors(KernelOutcome outcome) {
        assertThat(outcome.section("fds").lines().filter(line -> line.contains(" -> ")))
                .hasSizeBetween(3, 4)
                .allMatch(line -> line.matches(".*-> (/dev/null|pipe:.*|/proc/\\d+/fd)"));
    }
}
