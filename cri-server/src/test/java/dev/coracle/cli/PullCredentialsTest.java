package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.Credentials;
import dev.coracle.image.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullCredentialsTest {
    private static final Set<String> OPTIONS = Set.of("--creds", "--authfile");

    @TempDir
    Path work;

    @Test
    void aUserIsForTheImagesRegistryOnly() {
        assertThat(of(Map.of(), "--creds", "u:p:q")).isEqualTo(new Credentials("u", "p:q", "", "", "r.test"));
        assertThat(of(Map.of(), "--creds", "u")).isEqualTo(new Credentials("u", "asked of u", "", "", "r.test"));
        assertThat(of(Map.of(), "--creds", "u:")).isEqualTo(new Credentials("u", "", "", "", "r.test"));
    }

    /** What is named must be there; docker's own file need not. */
    @Test
    void theFirstFileThatIsNamedCounts() throws Exception {
        String one = file("one/config.json", "one");
        String two = file("two/config.json", "two");
        String home = work.resolve("home").toString();
        assertThat(of(Map.of("HOME", home))).isEqualTo(Credentials.NONE);
        file("home/.docker/config.json", "docker");
        assertThat(of(Map.of("HOME", home)).username()).isEqualTo("docker");
        String folder = work.resolve("two").toString();
        assertThat(of(Map.of("HOME", home, "DOCKER_CONFIG", folder)).username()).isEqualTo("two");
        Map<String, String> named = Map.of("HOME", home, "DOCKER_CONFIG", folder, "REGISTRY_AUTH_FILE", one);
        assertThat(of(named).username()).isEqualTo("one");
        assertThat(of(named, "--authfile", two).username()).isEqualTo("two");
        assertThatThrownBy(() -> of(Map.of("HOME", home, "REGISTRY_AUTH_FILE", one + "x")))
                .isInstanceOf(Unavailable.class);
        assertThat(of(Map.of())).isEqualTo(Credentials.NONE);
    }

    @Test
    void twoWaysAtOnceAreRefused() {
        assertThatThrownBy(() -> of(Map.of(), "--creds", "u:p", "--authfile", "f"))
                .isInstanceOf(UsageError.class);
        assertThatThrownBy(() -> of(Map.of(), "--creds", ":p")).isInstanceOf(UsageError.class);
    }

    private static Credentials of(Map<String, String> environment, String... options) {
        return new PullCredentials(environment, user -> "asked of " + user)
                .of(Arguments.parse(List.of(options), OPTIONS), Reference.parse("r.test/a"));
    }

    private String file(String name, String user) throws Exception {
        Path file = work.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "{\"auths\":{\"r.test\":{\"username\":\"" + user + "\",\"password\":\"p\"}}}")
                .toString();
    }
}
