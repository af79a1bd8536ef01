package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.linux.BpfMachine;
import dev.coracle.linux.SeccompCompiler;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.SeccompProfile;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A pod's init may wait, and nothing else. */
class InitProfileTest {
    private static final int ALLOW = 0x7fff_0000;
    private static final int EPERM = 0x0005_0001;

    /** The last call of Linux 6.18 is 469; those of the x32 interface have this bit as well. */
    private static final int LAST = 600;

    private static final int X32 = 0x4000_0000;
    private static final int PAUSE = 34;
    private static final int KILL = 62;

    private final Samples samples = new Samples();

    @Test
    void itMayWaitAndNothingElse() {
        if (System.getProperty("os.arch").equals("aarch64")) { // see deploy/vm/arm64.sh
            // ppoll, restart_syscall, rt_sigaction, rt_sigprocmask, rt_sigreturn, prctl, close_range
            mayOnly(Architecture.AARCH64, 0xc000_00b7, 73, 128, 134, 135, 139, 167, 436);
        } else {
            // rt_sigaction, rt_sigprocmask, rt_sigreturn, pause, prctl, restart_syscall, ppoll, close_range
            mayOnly(Architecture.X86_64, 0xc000_003e, 13, 14, 15, PAUSE, 157, 219, 271, 436);
        }
    }

    private static void mayOnly(Architecture architecture, int token, int... calls) {
        byte[] program = SeccompCompiler.compile(InitProfile.of(architecture));
        assertThat(IntStream.range(0, LAST).filter(call -> answer(program, token, call) != EPERM))
                .containsExactly(IntStream.of(calls).boxed().toArray(Integer[]::new))
                .allMatch(call -> answer(program, token, call) == ALLOW);
    }

    /** To end the init would end all the pod's containers. */
    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
    void callsOfOtherInterfacesAreRefusedAndEndNothing() {
        byte[] program = SeccompCompiler.compile(InitProfile.of(Architecture.X86_64));

        assertThat(answer(program, 0x4000_0003, 37)).as("kill of x86").isEqualTo(EPERM);
        assertThat(answer(program, 0xc000_003e, X32 + KILL)).as("kill of x32").isEqualTo(EPERM);
        assertThat(answer(program, 0xc000_003e, X32 + PAUSE)).as("pause of x32").isEqualTo(ALLOW);
    }

    @Test
    void ofPodsWithAnInitOnKernelsThatCanFilter() {
        assertThat(ProfileRules.ofInit(samples.pod().spec().security(), Hosts.usual()))
                .as("its containers have pid namespaces of their own")
                .isEmpty();
        samples.podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
        assertThat(ProfileRules.ofInit(samples.pod().spec().security(), Hosts.usual()))
                .map(SeccompProfile::architectures)
                .contains(List.of("x86_64", "x86", "x32"));
        assertThat(ProfileRules.ofInit(samples.pod().spec().security(), Hosts.withoutSeccomp()))
                .isEmpty();
        assertThat(new SandboxPlanner(Hosts.withoutSeccomp(), Settings.DEFAULT)
                        .plan(samples.pod(), null)
                        .text())
                .contains("[i] reap")
                .doesNotContain("seccomp");
    }

    private static int answer(byte[] program, int architecture, int call) {
        return new BpfMachine(program, architecture, call, new long[6]).run();
    }
}
