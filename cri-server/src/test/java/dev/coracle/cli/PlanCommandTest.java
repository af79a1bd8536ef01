package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code coracle plan} says without a daemon and without an image; with them: PlanTest in e2e. */
final class PlanCommandTest {
    private static final String POD = """
        {"metadata": {"name": "web", "uid": "u", "namespace": "n"},
         "linux": {"cgroup_parent": "/pods/web", "security_context": {"namespace_options": {"network": 2, "pid": 1}}}}
        """;
    private static final String CONTAINER =
            "{\"metadata\": {\"name\": \"main\"}, \"image\": {\"image\": \"example.com/web:1\"}}";

    private static final String HOME = "coracle.home";

    @TempDir
    private Path directory;

    private final Optional<String> home = Optional.ofNullable(System.getProperty(HOME));

    /** What this node can do is asked of the shim; the installed tree is not built yet. */
    @BeforeEach
    void installShim() throws IOException {
        Path lib = Files.createDirectories(directory.resolve("home/lib"));
        Files.createSymbolicLink(lib.resolve("coracle-shim"), Path.of(System.getProperty("coracle.shim")));
        System.setProperty(HOME, directory.resolve("home").toString());
    }

    @AfterEach
    void restoreHome() {
        home.ifPresentOrElse(was -> System.setProperty(HOME, was), () -> System.clearProperty(HOME));
    }

    private record Said(int status, String out, String err) {}

    private Said plan(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> line = new ArrayList<>(
                List.of("plan", "--state", directory.resolve("state").toString(), "--run", "/run/elsewhere"));
        line.addAll(List.of(arguments));
        int status = new Main(print(out), print(err)).run(line);
        return new Said(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream print(ByteArrayOutputStream into) {
        return new PrintStream(into, true, StandardCharsets.UTF_8);
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    @Test
    void a_pod_alone_is_planned_and_nothing_is_touched() throws IOException {
        Said said = plan(file("pod.json", POD));
        assertThat(said.err()).isEmpty();
        assertThat(said.status()).isZero();
        assertThat(said.out()).startsWith("plan \"sandbox web\"\n").contains("/pods/web");
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void plans_are_written_as_the_shim_reads_them() throws IOException {
        Path plans = directory.resolve("plans");
        assertThat(plan("--write", plans.toString(), file("pod.json", POD)).status())
                .isZero();
        assertThat(Files.readAllBytes(plans.resolve("sandbox.plan")))
                .startsWith("CPLN".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void a_wrong_field_is_named() throws IOException {
        Said said = plan(file("pod.json", POD.replace("\"web\", \"uid\"", "\"\", \"uid\"")));
        assertThat(said.err()).isEqualTo("coracle: pod.metadata.name: empty\n");
        assertThat(said.status()).isEqualTo(1);
        assertThat(plan(file("pod.json", POD.replace("linux", "linus"))).err())
                .isEqualTo("coracle: pod.linus: unknown field, line 2\n");
        assertThat(plan(file("pod.json", POD), file("c.json", CONTAINER.replace("main", "")))
                        .err())
                .isEqualTo("coracle: container.metadata.name: empty\n");
    }

    @Test
    void an_image_that_was_not_pulled_is_named() throws IOException {
        assertThat(plan(file("pod.json", POD), file("c.json", CONTAINER)).err())
                .isEqualTo("coracle: find image example.com/web:1: not found\n");
    }

    @Test
    void what_is_wrong_on_the_command_line_is_named() throws IOException {
        assertThat(plan().err()).startsWith("coracle: plan needs POD.json");
        assertThat(plan().status()).isEqualTo(2);
        assertThat(plan("/no/such.json").err()).isEqualTo("coracle: /no/such.json: no such file\n");
        assertThat(plan("a", "b", "c").err()).isEqualTo("coracle: unexpected argument c\n");
        assertThat(plan("--pod-id", "1", file("pod.json", POD)).err())
                .isEqualTo("coracle: --pod-id: not 64 hex digits: 1\n");
        assertThat(plan("--handle", "x", "a").err())
                .isEqualTo("coracle: unknown option --handle, did you mean --handler?\n");
    }
}
