package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tree that the build leaves: it runs from anywhere, with the right Java, and begins from its AOT cache. */
final class PackagedTreeTest {
    private static final String CACHE_OR_NOTHING = "-XX:AOTMode=on";

    @TempDir
    private Path directory;

    @Test
    void it_starts_from_the_aot_cache() throws IOException {
        // A flag or a jar that changed would silently make the cache useless; this mode refuses to go on without.
        Outcome outcome = run(Tools.home(), Map.of("CORACLE_JAVA_OPTS", CACHE_OR_NOTHING), "version");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).matches("coracle [0-9]+\\.[0-9]+\\.[0-9]+(-SNAPSHOT)?\n");
    }

    @Test
    void it_can_be_moved_and_linked_to() throws IOException {
        Path moved = directory.resolve("elsewhere/co racle");
        Files.createDirectories(moved.getParent());
        Outcome.of("cp", "-a", Tools.home().toString(), moved.toString()).text();
        Path link = Files.createSymbolicLink(directory.resolve("coracle"), moved.resolve("bin/coracle"));
        Outcome outcome = run(List.of(link.toString(), "version"), Map.of("CORACLE_JAVA_OPTS", CACHE_OR_NOTHING));
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    @Test
    void an_older_java_is_passed_over_unless_it_is_asked_for_by_name() throws IOException {
        Path old = fakeJava("17.0.1");
        Map<String, String> byChance = Map.of("JAVA_HOME", old.toString());
        assertThat(run(Tools.home(), byChance, "version").status()).isZero();
        Outcome byName = run(Tools.home(), Map.of("CORACLE_JAVA", old.toString()), "version");
        assertThat(byName.status()).isEqualTo(1);
        assertThat(byName.err()).isEqualTo("coracle: CORACLE_JAVA=" + old + " is not the home of a Java 25 or later\n");
    }

    @Test
    void what_is_wrong_on_the_command_line_is_named() throws IOException {
        assertThat(run(Tools.home(), Map.of(), "sreve").err())
                .isEqualTo("coracle: unknown command sreve, did you mean serve?\n");
        Path config = Files.writeString(directory.resolve("c.toml"), "run = 5\n[images]\nhost_dir = \"/x\"\n");
        Outcome outcome = run(Tools.home(), Map.of(), "serve", "--config", config.toString());
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith("coracle: " + config + ":1: run: expected a string, found an integer\n")
                .contains(config + ":3: unknown key images.host_dir, did you mean images.hosts_dir?\n");
        assertThat(run(Tools.home(), Map.of(), "plan", "--config", "/no/such.toml", "x")
                        .err())
                .isEqualTo("coracle: /no/such.toml: no such file\n");
    }

    @Test
    void a_pod_is_planned_where_no_daemon_has_ever_been() throws IOException {
        Path pod = Files.writeString(directory.resolve("pod.json"), """
            {"metadata": {"name": "p1", "uid": "u1", "namespace": "default", "attempt": 1},
             "linux": {"security_context": {"namespace_options": {"network": 0, "pid": 1, "ipc": 0}}}}
            """);
        Path state = directory.resolve("state");
        Outcome outcome = run(Tools.home(), Map.of(), "plan", "--state", state.toString(), pod.toString());
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).startsWith("plan \"sandbox p1\"\n").contains("] unshare ", "] sethostname ");
        assertThat(state).doesNotExist();
    }

    @Test
    void help_names_every_command_and_option() throws IOException {
        String help = run(Tools.home(), Map.of(), "--help").text();
        assertThat(help)
                .contains(
                        "coracle serve",
                        "coracle plan",
                        "coracle status",
                        "coracle version",
                        "--config",
                        "--state",
                        "--run")
                .contains("--socket", "--cni-conf-dir", "--cni-bin-dir", "--hosts-dir");
    }

    @Test
    void the_configuration_that_ships_holds_the_defaults_and_no_mistake() throws IOException {
        Path shipped = Tools.home().resolve("etc/coracle.toml");
        String active = Files.readString(shipped)
                .replaceAll("(?m)^#([a-z_]+ = |\\[)", "$1")
                .replace("[handlers.NAME]", "[handlers.one]");
        Path all = Files.writeString(directory.resolve("all.toml"), active);
        Outcome outcome = run(
                Tools.home(),
                Map.of(),
                "status",
                "--config",
                all.toString(),
                "--socket",
                directory.resolve("s").toString());
        // Nobody listens there: it got as far as asking.
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("coracle: ask the daemon on ");
    }

    private Path fakeJava(String version) throws IOException {
        Path home = directory.resolve("old");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.copy(Path.of("/bin/false").toRealPath(), java, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private Outcome run(Path home, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/coracle").toString()));
        command.addAll(List.of(arguments));
        return run(command, environment);
    }

    private static Outcome run(List<String> command, Map<String, String> environment) {
        List<String> line = new ArrayList<>(List.of("env", "--unset=CORACLE_JAVA", "--unset=JAVA_HOME"));
        environment.forEach((name, value) -> line.add(name + "=" + value));
        line.addAll(command);
        return Outcome.of(Duration.ofSeconds(60), line);
    }
}
