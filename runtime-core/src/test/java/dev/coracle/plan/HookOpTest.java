package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hooks run by plans, for a child that waits; needs root. */
class HookOpTest {
    private static final Slot CHILD = new Slot("c");
    private static final Bytes STATE = Bytes.utf8("{\"pid\":");

    /** Of the hook in {@link #plan}. */
    private static final int INDEX = 4;

    @TempDir
    private Path directory;

    private Plan plan(Set<Namespace> namespaces, List<String> argv, long deadlineMillis) {
        return Plan.titled("hook")
                .host(new ProcessOp.Clone3(Set.of(CloneFlag.NEWUTS), Slot.NONE, ChildKind.HELPER, "h", CHILD))
                .at(CHILD, new ProcessOp.Sethostname("hooked"))
                .at(CHILD, new ProcessOp.Stop())
                .host(new ProcessOp.Await(CHILD))
                .host(new ProgramOp.Hook(CHILD, namespaces, argv, List.of("A=b"), STATE, deadlineMillis))
                .host(new ProcessOp.Resume(CHILD))
                .host(new ProcessOp.Join(CHILD))
                .build();
    }

    private List<String> shell(String script) {
        return List.of("/bin/busybox", "sh", "-c", "exec 1>" + directory.resolve("said") + "; PATH=/bin; " + script);
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said"));
    }

    @ParameterizedTest
    @EnumSource
    void itRunsBesideTheChildAndKnowsItsPid(ShimBinary binary) throws IOException {
        Rehearsal.of(binary, directory, plan(Set.of(), shell("/bin/busybox hostname; echo $0 $A; cat"), 20_000))
                .succeeds();
        assertThat(said()).doesNotContain("hooked").containsPattern("sh b\n\\{\"pid\":[0-9]+}$");
    }

    @ParameterizedTest
    @EnumSource
    void itRunsInTheNamespacesNamed(ShimBinary binary) throws IOException {
        Set<Namespace> namespaces = Set.of(Namespace.UTS, Namespace.MNT, Namespace.PID);
        Rehearsal.of(binary, directory, plan(namespaces, shell("/bin/busybox hostname; cat"), 20_000))
                .succeeds();
        assertThat(said()).isEqualTo("hooked\n{\"pid\":1}");
    }

    @ParameterizedTest
    @EnumSource
    void itsFailureIsThePlansAndSaysWhy(ShimBinary binary) {
        Rehearsal.of(binary, directory, plan(Set.of(), shell("echo not today >&2; exit 3"), 20_000))
                .fails(INDEX, "ECANCELED", "not today");
        Rehearsal.of(binary, directory, plan(Set.of(), shell("exit 3"), 20_000))
                .fails(INDEX, "ECANCELED", "wait status 0x300");
        Rehearsal.of(binary, directory, plan(Set.of(), shell("sleep 1000"), 300))
                .fails(INDEX, "ETIMEDOUT", "");
        Rehearsal.of(binary, directory, plan(Set.of(), List.of("/none", "none"), 20_000))
                .fails(INDEX, "ENOENT", "");
        Rehearsal.of(binary, directory, plan(Set.of(), List.of("/bin/busybox"), 20_000))
                .fails(INDEX, "EINVAL", "");
    }
}
