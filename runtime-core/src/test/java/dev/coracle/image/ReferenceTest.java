package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36",
        "a/b, docker.io/a/b:latest",
        "docker.io/a, docker.io/library/a:latest",
        "index.docker.io/a:1, docker.io/library/a:1",
        "quay.io/a/b/c:x_Y.z-1, quay.io/a/b/c:x_Y.z-1",
        "localhost/a, localhost/a:latest",
        "localhost:5000/a, localhost:5000/a:latest",
        "host:5000/a:1, host:5000/a:1",
        "Upper/a, Upper/a:latest",
        "[::1]:5000/a, [::1]:5000/a:latest",
        "a__b/c--d.e, docker.io/a__b/c--d.e:latest",
    })
    void namesAreNormalised(String text, String normalised) {
        assertThat(Reference.parse(text)).hasToString(normalised);
        assertThat(Reference.parse(normalised)).isEqualTo(Reference.parse(text));
    }

    @Test
    void onlyTheDigestCountsWhereThereIsOne() {
        assertThat(Reference.parse("a:1@" + DIGEST)).hasToString("docker.io/library/a@" + DIGEST);
        assertThat(Reference.parse("a@" + DIGEST).selector()).isEqualTo(DIGEST);
        assertThat(Reference.parse("a:1").selector()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|the name is empty",
                ":1|the name is empty",
                "a/UPPER|the repository must be in lower case",
                "a//b|the repository",
                "a:|the tag is not",
                "a:b c|the tag is not",
                "a@sha256:abc|not 64 lower-case hex digits",
                "a@md5:abc|unknown algorithm md5",
                "a@|no algorithm",
                "-a.b/c|is no host name",
                "a.b:port/c|is no host name",
                "../a|is no host name",
                "http://a.b/c|is no host name",
            })
    void whatIsWrongIsSaid(String text, String reason) {
        assertThatThrownBy(() -> Reference.parse(text))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("image: \"")
                .hasMessageContaining(reason);
    }

    @Test
    void anIdIsNoNameAndANameHasALimit() {
        assertThatThrownBy(() -> Reference.parse("a".repeat(64))).hasMessageContaining("an image's id");
        assertThatThrownBy(() -> Reference.parse("a/" + "b".repeat(250))).hasMessageContaining("longer than 255");
    }
}
