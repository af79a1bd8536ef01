package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompArg.Operator;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What a compiled program answers is found by running it in a {@link BpfMachine}. */
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
class SeccompCompilerTest {
    private static final String MANY_CALLS =
            "accept bind brk chdir chmod chown clone close connect dup dup2 dup3 execve exit fchdir fchmod fchown"
                + " fcntl flock fork fstat fsync futex getcwd getgid getpid getuid ioctl kill link listen lseek mkdir"
                + " mmap mprotect munmap nanosleep open openat pipe poll read readlink rename rmdir select stat"
                + " symlink umask uname unlink wait4 write";
    private static final int X86_64 = 0xc000_003e;
    private static final int X86 = 0x4000_0003;
    private static final int ALLOW = 0x7fff_0000;
    private static final int EPERM = 0x0005_0001;
    private static final int KILL = 0x8000_0000;
    private static final int READ = 0;
    private static final int GETPID = 39;
    private static final int CLONE = 56;
    private static final int PERSONALITY = 135;

    @Test
    void theRuleOfACallDecidesAndTheDefaultTheRest() {
        byte[] program = SeccompCompiler.compile(profile(rule("getpid"), rule("no_such_call", "read")));

        assertThat(run(program, X86_64, GETPID)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, READ)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, CLONE)).isEqualTo(EPERM);
    }

    @Test
    void anArchitectureThatIsNotNamedKills() {
        assertThat(run(SeccompCompiler.compile(profile(rule("getpid"))), X86, 20))
                .isEqualTo(KILL);
    }

    @Test
    void everyNamedArchitectureHasItsOwnNumbers() {
        SeccompProfile both = new SeccompProfile(
                SeccompAction.ERRNO, 1, List.of("x86_64", "x86"), List.of(), List.of(rule("getpid")));
        byte[] program = SeccompCompiler.compile(both);

        assertThat(run(program, X86, 20)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, 20)).isEqualTo(EPERM);
    }

    @Test
    void argumentsAreComparedMaskedAndInFull() {
        byte[] program = SeccompCompiler.compile(profile(
                comparing("clone", new SeccompArg(0, 0x7e02_0000L, 0, Operator.MASKED_EQUAL)),
                comparing("read", new SeccompArg(2, 1L << 32, 0, Operator.GREATER_THAN))));

        assertThat(run(program, X86_64, CLONE, 0x11)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, CLONE, 0x0002_0000)).isEqualTo(EPERM);
        assertThat(run(program, X86_64, READ, 0, 0, 1L << 32)).isEqualTo(EPERM);
        assertThat(run(program, X86_64, READ, 0, 0, (1L << 32) + 1)).isEqualTo(ALLOW);
    }

    @Test
    void twoComparisonsOfOneArgumentMeanEither() {
        byte[] program = SeccompCompiler.compile(profile(comparing(
                "personality", new SeccompArg(0, 0, 0, Operator.EQUAL), new SeccompArg(0, 8, 0, Operator.EQUAL))));

        assertThat(run(program, X86_64, PERSONALITY, 0)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, PERSONALITY, 8)).isEqualTo(ALLOW);
        assertThat(run(program, X86_64, PERSONALITY, 4)).isEqualTo(EPERM);
    }

    @Test
    void theErrnoOfARuleIsAnswered() {
        SeccompRule refused = new SeccompRule(List.of("clone"), SeccompAction.ERRNO, 38, List.of());
        assertThat(run(SeccompCompiler.compile(profile(refused)), X86_64, CLONE))
                .isEqualTo(0x0005_0026);
    }

    @Test
    void aBigProfileIsATreeAndNotALine() {
        List<SeccompRule> rules = new ArrayList<>();
        for (String name : MANY_CALLS.split(" ", -1)) {
            rules.add(rule(name));
        }
        byte[] program = SeccompCompiler.compile(profile(rules.toArray(SeccompRule[]::new)));

        BpfMachine machine = new BpfMachine(program, X86_64, 61, new long[6]);
        assertThat(machine.run()).isEqualTo(ALLOW);
        assertThat(machine.steps()).isLessThan(20);
    }

    @Test
    void anUnknownArchitectureIsNamed() {
        SeccompProfile strange = new SeccompProfile(SeccompAction.ALLOW, 0, List.of("z80"), List.of(), List.of());
        assertThatThrownBy(() -> SeccompCompiler.compile(strange))
                .isInstanceOf(InvalidSpec.class)
                .hasMessage("seccomp.architectures: unknown architecture z80");
    }

    private static SeccompProfile profile(SeccompRule... rules) {
        return new SeccompProfile(SeccompAction.ERRNO, 1, List.of("x86_64"), List.of(), List.of(rules));
    }

    private static SeccompRule rule(String... names) {
        return new SeccompRule(List.of(names), SeccompAction.ALLOW, 0, List.of());
    }

    private static SeccompRule comparing(String name, SeccompArg... args) {
        return new SeccompRule(List.of(name), SeccompAction.ALLOW, 0, List.of(args));
    }

    private static int run(byte[] program, int architecture, int call, long... args) {
        return new BpfMachine(program, architecture, call, java.util.Arrays.copyOf(args, 6)).run();
    }
}
