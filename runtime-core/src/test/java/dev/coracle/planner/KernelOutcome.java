package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.plan.PlanResult;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractStringAssert;

/**
 * What came of a scenario.
 *
 * @param output of the shim and of all that ran in containers
 * @param results of the plans, with their answers
 * @param newMounts of this rig, in the host's mount table afterwards and not before
 * @param netns what is in {@code /run/netns} afterwards
 */
record KernelOutcome(List<Plan> plans, String output, List<PlanResult> results, List<String> newMounts, String netns) {
    private static final Pattern FAILED = Pattern.compile("failed (-?\\d+) (\\d+) ?(.*)");

    /** All plans were carried out, and nothing is left. */
    KernelOutcome clean() {
        Matcher failed = FAILED.matcher(output);
        if (failed.find()) {
            int op = Integer.parseInt(failed.group(1));
            int plan = (int) output.substring(0, failed.start())
                    .lines()
                    .filter(line -> line.startsWith("done "))
                    .count();
            String what = op < 0 ? "?" : plans.get(plan).text(op);
            throw new AssertionError("plan %s: op %d %s: errno %s %s%n%s"
                    .formatted(plans.get(plan).title(), op, what, failed.group(2), failed.group(3), output));
        }
        assertThat(newMounts).as("mounts left on the host").isEmpty();
        assertThat(netns).doesNotContain("coracle-test");
        return this;
    }

    /** What the container wrote between {@code == NAME} and the next such line. */
    String section(String name) {
        Matcher section = Pattern.compile(
                        "^== " + name + "\r?\n(.*?)(?=^== |^done |^exit |\\z)", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(output);
        assertThat(section.find()).as("section %s in%n%s", name, output).isTrue();
        return section.group(1).strip();
    }

    AbstractStringAssert<?> in(String name) {
        return assertThat(section(name)).as(name);
    }

    /** The mount at a path inside, as mountinfo has it. */
    String mount(String path) {
        return section("mounts")
                .lines()
                .filter(line -> line.split(" ", -1)[4].equals(path))
                .reduce((first, last) -> last)
                .orElse("");
    }

    /** What the host's command in that plan printed. */
    String host(int plan) {
        return results.get(plan).answers().program("host").stdout().utf8();
    }

    /** Exit code of the container, or of the exec, of this id. */
    int exit(String id) {
        Matcher exit =
                Pattern.compile("^exit " + id + " (\\d+)$", Pattern.MULTILINE).matcher(output);
        assertThat(exit.find()).as("exit of %s in%n%s", id, output).isTrue();
        int status = Integer.parseInt(exit.group(1));
        return (status & 0x7f) == 0 ? status >> 8 : 128 + (status & 0x7f);
    }
}
