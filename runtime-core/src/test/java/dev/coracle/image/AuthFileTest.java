package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docker's and podman's files say; end-to-end tests pull with it, also by a helper. */
class AuthFileTest {
    private static final String AUTHS = """
        {"auths": {
          "https://index.docker.io/v1/": {"auth": "aHViOnA="},
          "quay.io": {"auth": "cXVheTpwOnE="},
          "quay.io/team": {"auth": "dGVhbTpw"},
          "quay.io/team/own": {"username": "own", "password": "p"},
          "http://local.test:5000/v2": {"auth": "bG9jYWw6cA==", "email": "x@y"},
          "token.test": {"auth": "MDA6", "identitytoken": "refresh"}},
         "HttpHeaders": {"a": "b"}, "credHelpers": {"helped.test": "no-such-helper-anywhere"}}
        """;

    @TempDir
    Path work;

    @ParameterizedTest
    @CsvSource({
        "busybox, hub, p, docker.io",
        "docker.io/some/thing:1, hub, p, docker.io",
        "quay.io/one, quay, p:q, quay.io",
        "quay.io/teams/one, quay, p:q, quay.io",
        "quay.io/team/one, team, p, quay.io",
        "quay.io/team/own/a, own, p, quay.io",
        "quay.io/team/own, own, p, quay.io",
        "local.test:5000/a, local, p, local.test:5000",
    })
    void theEntryThatFitsBestCounts(String image, String user, String password, String server) throws Exception {
        assertThat(of(AUTHS, image)).isEqualTo(new Credentials(user, password, "", "", server));
    }

    @Test
    void tokensAndNothing() throws Exception {
        assertThat(of(AUTHS, "token.test/a").identityToken()).isEqualTo("refresh");
        assertThat(of(AUTHS, "local.test/a")).isEqualTo(Credentials.NONE);
        assertThat(of("{}", "busybox")).isEqualTo(Credentials.NONE);
    }

    @Test
    void whatIsWrongIsSaidWithoutSecrets() {
        assertThatThrownBy(() -> of("{\"auths\":{\"a.test\":{\"auth\":\"?secret\"}}}", "a.test/a"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("config.json for a.test")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> of("{\"auths\":{\"a.test\":\"secret\"}}", "a.test/a"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("auths.a.test has the wrong type")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> AuthFile.read(work.resolve("none")))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> of(AUTHS, "helped.test/a"))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("ask docker-credential-no-such-helper-anywhere for credentials of helped.test");
        assertThatThrownBy(() -> of("{\"credsStore\":\"../../evil\"}", "a.test/a"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("is not the name of one");
    }

    private Credentials of(String json, String image) throws Exception {
        Path file = Files.writeString(work.resolve("config.json"), json);
        return AuthFile.read(file).of(Reference.parse(image));
    }
}
