package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.ResolvedUser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    private final Samples samples = new Samples();

    private List<String> lines(boolean terminal) {
        ResolvedUser user = new ResolvedUser(5, 5, List.of(5L), "/home/five");
        return new Environment(samples.order(), user, terminal, Hosts.usual()).lines();
    }

    @Test
    void theClientWinsOverTheImageAndThatOverDefaults() {
        assertThat(lines(false))
                .containsExactly("PATH=/usr/bin:/bin", "HOSTNAME=web-0", "MODE=test", "HOME=/home/five");
    }

    @Test
    void defaultsWhereNobodySays() {
        samples.image = ImageConfig.EMPTY;
        samples.envs = List.of();
        assertThat(lines(true))
                .containsExactly(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOSTNAME=web-0",
                        "TERM=xterm",
                        "HOME=/home/five");
    }

    @Test
    void eachDefaultCanBeReplaced() {
        samples.envs = List.of(
                new EnvVar("PATH", "/x"),
                new EnvVar("HOSTNAME", "h"),
                new EnvVar("TERM", "vt100"),
                new EnvVar("HOME", "/h"));
        assertThat(lines(true)).containsExactly("PATH=/x", "HOSTNAME=h", "TERM=vt100", "MODE=image", "HOME=/h");
    }

    @Test
    void anEmptyHomeIsNone() {
        samples.envs = List.of(new EnvVar("HOME", ""));
        assertThat(lines(false)).contains("HOME=/home/five");
    }

    @Test
    void commandsFollowTheRulesOfImages() {
        samples.image =
                new ImageConfig("", List.of(), List.of("/entry"), List.of("cmd"), "", null, List.of(), Map.of());
        assertThat(argv(List.of(), List.of())).containsExactly("/entry", "cmd");
        assertThat(argv(List.of(), List.of("arg"))).containsExactly("/entry", "arg");
        assertThat(argv(List.of("own"), List.of())).containsExactly("own");
        assertThat(argv(List.of("own"), List.of("arg"))).containsExactly("own", "arg");
    }

    private List<String> argv(List<String> command, List<String> args) {
        samples.command = command;
        samples.args = args;
        return CommandLine.of(samples.container(), samples.image);
    }

    @Test
    void programsAreLookedForAlongPath() {
        assertThat(CommandLine.attempts("sh", "/usr/bin:/bin/::relative", "f"))
                .containsExactly("/usr/bin/sh", "/bin/sh");
        assertThat(CommandLine.attempts("./sh", "/bin", "f")).containsExactly("./sh");
    }
}
