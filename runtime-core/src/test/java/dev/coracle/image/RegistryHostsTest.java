package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryHostsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "docker.io, https://registry-1.docker.io/v2",
        "quay.io, https://quay.io/v2",
        "registry.test:5000, https://registry.test:5000/v2",
        "localhost:5000, http://localhost:5000/v2",
        "127.0.0.1:5000, http://127.0.0.1:5000/v2",
        "[::1]:5000, http://[::1]:5000/v2",
        "localhost:443, https://localhost:443/v2",
    })
    void withoutAFileTheRegistryItselfIsAsked(String domain, String base) {
        assertThat(new RegistryHosts(directory).of(domain))
                .singleElement()
                .satisfies(host -> assertThat(host.base()).isEqualTo(URI.create(base)));
    }

    @Test
    void mirrorsComeInTheOrderOfTheFileAndTheServerLast() throws Exception {
        write("docker.io", """
            server = "https://upstream.test"
            ca = "up.pem"
            [host."https://z.test"]
              capabilities = ["pull"]
              ca = ["/etc/z.pem", "local.pem"]
              skip_verify = true
              dial_timeout = "300ms"
              [host."https://z.test".header]
                x-one = "1"
                x-two = ["2", "3"]
            [host."a.test:5000/sub"]
            [host."http://b.test/raw"]
              override_path = true
            """);
        List<RegistryHost> hosts = new RegistryHosts(directory).of("docker.io");

        assertThat(hosts.stream().map(RegistryHost::base).map(URI::toString))
                .containsExactly(
                        "https://z.test/v2",
                        "https://a.test:5000/sub/v2",
                        "http://b.test/raw",
                        "https://upstream.test/v2");
        RegistryHost first = hosts.getFirst();
        assertThat(first.resolves()).isFalse();
        assertThat(first.pulls()).isTrue();
        assertThat(first.headers()).isEqualTo(Map.of("x-one", List.of("1"), "x-two", List.of("2", "3")));
        assertThat(first.dialTimeout()).isEqualTo(Duration.ofMillis(300));
        Path folder = directory.resolve("docker.io").resolve(".");
        assertThat(first.tls())
                .isEqualTo(
                        new TlsSettings(true, List.of(Path.of("/etc/z.pem"), folder.resolve("local.pem")), List.of()));
        assertThat(first.uri("library/a", "manifests", "1"))
                .hasToString("https://z.test/v2/library/a/manifests/1?ns=docker.io");
        assertThat(hosts.getLast().uri("library/a", "blobs", "sha256:x"))
                .hasToString("https://upstream.test/v2/library/a/blobs/sha256:x");
        assertThat(hosts.getLast().tls().authorities()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "~both.pem~|both.pem both.pem",
                "[~a.pem~, ~/b.pem~]|a.pem a.pem /b.pem /b.pem",
                "[[~a.pem~, ~a.key~], [~/b.pem~, ~/b.key~]]|a.pem a.key /b.pem /b.key",
            })
    void certificatesOfClientsAreOfThreeForms(String value, String files) throws Exception {
        write("a.test", "client = " + value.replace('~', '"'));
        TlsSettings tls = new RegistryHosts(directory).of("a.test").getFirst().tls();
        Path folder = directory.resolve("a.test").resolve(".");
        assertThat(tls.files())
                .containsExactlyElementsOf(
                        List.of(files.split(" ")).stream().map(folder::resolve).toList());
    }

    @Test
    void theNearestDirectoryCounts() throws Exception {
        write("_default", "[host.\"http://default.test\"]");
        assertThat(names("a.test:5000")).containsExactly("default.test", "a.test:5000");
        write("a.test:5000", "[host.\"http://colon.test\"]");
        assertThat(names("a.test:5000")).containsExactly("colon.test", "a.test:5000");
        write("a.test_5000_", "[host.\"http://under.test\"]");
        assertThat(names("a.test:5000")).containsExactly("under.test", "a.test:5000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server = |hosts.toml",
                "server = \"ftp://a.test\"|ftp://a.test is not an http or https address",
                "[host.\"http://u:p@a.test\"]|is not an http or https address",
                "client = [[\"a\", \"b\", \"c\"]]|is not a certificate and its key",
                "dial_timeout = \"soon\"|dial_timeout: soon is not a duration",
                "skip_verify = 3|hosts.toml",
            })
    void whatCannotBeUnderstoodIsNamed(String toml, String reason) throws Exception {
        write("a.test", toml.replace("\\n", "\n"));
        assertThatThrownBy(() -> new RegistryHosts(directory).of("a.test"))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("a.test");
    }

    @Test
    void challengesAreTakenApart() {
        List<Challenge> challenges = Challenge.parse(
                "Basic realm=\"a, b\", Bearer realm=\"https://t.test/x?y=z\",service=s,scope=\"a \\\"b\\\"\"");
        assertThat(challenges).extracting(Challenge::scheme).containsExactly("basic", "bearer");
        assertThat(challenges.get(0).parameter("realm")).isEqualTo("a, b");
        assertThat(challenges.get(1).parameter("realm")).isEqualTo("https://t.test/x?y=z");
        assertThat(challenges.get(1).parameter("service")).isEqualTo("s");
        assertThat(challenges.get(1).parameter("scope")).isEqualTo("a \"b\"");
        assertThat(Challenge.parse("=,\"\"")).isEmpty();
    }

    @Test
    void credentialsStayWithTheirServerAndOutOfSight() {
        Credentials credentials =
                Credentials.of(new Credentials("", "", "", "", "https://index.docker.io/v1/"), "dTpwOnE=");
        assertThat(credentials.password()).isEqualTo("p:q");
        assertThat(credentials.at("registry-1.docker.io")).isEqualTo(credentials);
        assertThat(credentials.at("mirror.test")).isEqualTo(Credentials.NONE);
        assertThat(credentials).hasToString("credentials");
    }

    @Test
    void unknownKeysAreToldOnceForEachContentOfAFileThatStillCounts() throws Exception {
        List<String> warnings = new ArrayList<>();
        RegistryHosts hosts = new RegistryHosts(directory, warnings::add);
        write("a.test", """
            servers = "https://typo.test"
            ca = "a.pem"
            [host."https://m.test"]
              skip-verify = true
              dial_timeout = "1s"
              [host."https://m.test".header]
                x-any = "1"
            """);
        assertThat(hosts.of("a.test").getFirst().dialTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(hosts.of("a.test")).hasSize(2);
        String file = directory.resolve("a.test/hosts.toml").toString();
        assertThat(warnings)
                .containsExactly(
                        file
                                + ": the key host.\"https://m.test\".skip-verify is unknown and passed over; all else"
                                + " counts",
                        file + ": the key servers is unknown and passed over; all else counts");
        write("a.test", "mirror = \"x\"");
        assertThat(hosts.of("a.test")).hasSize(1);
        assertThat(hosts.of("a.test")).hasSize(1);
        assertThat(warnings).hasSize(3).last().asString().contains("the key mirror is unknown");
    }

    private List<String> names(String domain) {
        return new RegistryHosts(directory)
                .of(domain).stream().map(RegistryHost::name).toList();
    }

    private void write(String domain, String toml) throws Exception {
        Files.writeString(Files.createDirectories(directory.resolve(domain)).resolve("hosts.toml"), toml);
    }
}
