package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Text, bytes and the shim's reading of them are one. */
class PlanTextTest {
    private static final Path ROOT = Path.of(System.getProperty("coracle.root"));

    @Test
    void theShimPrintsWhatJavaSays() {
        GoldenPlans.assertPrintedAlike(EveryOp.plan());
    }

    @Test
    void thePlanOfAllOpsHoldsAllOps() {
        Set<Class<?>> used = EveryOp.plan().steps().stream()
                .map(step -> step.op().getClass())
                .collect(Collectors.toSet());
        assertThat(used).containsExactlyInAnyOrderElementsOf(ops(Op.class));
    }

    @Test
    void whatAFailureSaysOfAStepHoldsNoSecrets() {
        List<String> env = List.of("TOKEN=secret");
        Slot container = new Slot("c");
        Plan plan = Plan.titled("start web")
                .host(new ProgramOp.Run(List.of("/plugin"), env, Bytes.utf8("secret"), 10, 20, "out"))
                .host(new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.CONTAINER, "id", container))
                .at(container, new ProcessOp.Execve(List.of("/bin/web"), List.of("web", "-v"), env))
                .build();
        assertThat(plan.text(0)).isEqualTo("[s] run [/plugin] limit=10 deadline=20 as out");
        assertThat(plan.text(2)).isEqualTo("[c] execve [/bin/web] argv=[web -v]");
        assertThat(plan.text()).contains("TOKEN=secret");
    }

    @Test
    void textLooksAsPeopleExpect() {
        Slot cgroup = new Slot("cg");
        Slot container = new Slot("c");
        Plan plan = Plan.titled("start web")
                .host(new FileOp.Open(
                        Slot.NONE, "/sys/fs/cgroup/a b", Set.of(OpenFlag.DIRECTORY, OpenFlag.PATH), 0, cgroup))
                .host(new ProcessOp.Clone3(
                        Set.of(CloneFlag.NEWPID, CloneFlag.NEWCGROUP), cgroup, ChildKind.CONTAINER, "01ab", container))
                .at(container, new FileOp.Mkdir(Slot.NONE, "/x", 0755), Errno.EEXIST, Errno.ENOENT)
                .at(container, new ProcessOp.Execve(List.of("/bin/true"), List.of("true", ""), List.of()))
                .build();
        assertThat(plan.text()).isEqualTo("""
            plan "start web"
            [s] open - "/sys/fs/cgroup/a b" directory|path 0 -> $cg
            [s] clone3 newpid|newcgroup cgroup=$cg as container 01ab -> $c
            [c] mkdir - /x 0755 ignoring EEXIST,ENOENT
            [c] execve [/bin/true] argv=[true ""] env=[]
            """);
        assertThat(plan.text(2)).isEqualTo("[c] mkdir - /x 0755 ignoring EEXIST,ENOENT");
    }

    @Test
    void thePageListsEveryOpAsTheShimKnowsIt() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/plan-format.md"));
        List<String> rows = rows();
        assertThat(rows).hasSameSizeAs(ops(Op.class));
        assertThat(page.lines().filter(line -> line.matches("\\| \\d+ \\|.*")).map(PlanTextTest::firstColumns))
                .containsExactlyElementsOf(rows);
    }

    @Test
    void slotsAreMadeBeforeTheyAreUsed() {
        Slot child = new Slot("c");
        Slot late = new Slot("late");
        ProcessOp clone = new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.HELPER, "", child);
        FileOp makes = new FileOp.Open(Slot.NONE, "/", Set.of(), 0, late);
        FileOp uses = new FileOp.Close(late);
        assertRefused("$late is not made yet", Plan.titled("x").host(uses).host(makes));
        assertRefused(
                "$late is not made yet or not seen",
                Plan.titled("x").host(clone).host(makes).at(child, uses));
        assertRefused("no process is in slot $c", Plan.titled("x").at(child, makes));
        assertRefused("$c has a process", Plan.titled("x").host(clone).host(clone));
        assertThat(Plan.titled("x")
                        .host(makes)
                        .host(clone)
                        .at(child, uses)
                        .build()
                        .steps())
                .hasSize(3);
        Slot kept = Slot.kept("pod", "net");
        assertThat(Plan.titled("x")
                        .host(new ProcessOp.Setns(kept, Set.of()))
                        .build()
                        .steps())
                .hasSize(1);
    }

    @Test
    void whoHasItsMakersMemoryDoesNotWaitForIt() {
        Slot child = new Slot("c");
        Set<CloneFlag> flags = Set.of(CloneFlag.VM, CloneFlag.VFORK);
        ProcessOp clone = new ProcessOp.Clone3(flags, Slot.NONE, ChildKind.EXEC, "e1", child);
        ProcessOp again = new ProcessOp.Clone3(Set.of(), Slot.NONE, ChildKind.HELPER, "", new Slot("h"));
        String why = "op 1 %s: its process has the memory of its maker";
        assertRefused(why.formatted("stop"), Plan.titled("x").host(clone).at(child, new ProcessOp.Stop()));
        assertRefused(why.formatted("clone3"), Plan.titled("x").host(clone).at(child, again));
        assertThat(Plan.titled("x").host(clone).host(again).build().steps()).hasSize(2);
    }

    @Test
    void whatCannotBeSaidIsRefused() {
        assertThatThrownBy(() -> new Slot("Up")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Slot("x".repeat(96))).isInstanceOf(IllegalArgumentException.class);
        Plan nul = Plan.titled("x").host(new MountOp.Chdir("a\0b")).build();
        assertThatThrownBy(nul::encode).hasMessageContaining("NUL");
    }

    private static void assertRefused(String why, Plan.Builder plan) {
        assertThatThrownBy(plan::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    /** {@code | 1 | mkdir | * | %d %s %m |} for each row of ops.h. */
    private static List<String> rows() throws IOException {
        String table = Files.readString(ROOT.resolve("runtime-core/src/main/c/ops.h"));
        Matcher row = Pattern.compile("ROW\\( *(\\d+), (\\w+), '(.)', \"([^\"]*)\"\\)")
                .matcher(table);
        List<String> rows = new ArrayList<>();
        while (row.find()) {
            rows.add(Stream.of(row.group(1), row.group(2), row.group(3), row.group(4))
                    .collect(Collectors.joining("|")));
        }
        return rows;
    }

    private static String firstColumns(String line) {
        return Arrays.stream(line.split("\\|"))
                .skip(1)
                .limit(4)
                .map(cell -> cell.replace("`", "").strip())
                .collect(Collectors.joining("|"));
    }

    private static List<Class<?>> ops(Class<?> family) {
        return Arrays.stream(family.getPermittedSubclasses())
                .flatMap(kind -> kind.isRecord() ? Stream.of(kind) : ops(kind).stream())
                .collect(Collectors.toList());
    }
}
