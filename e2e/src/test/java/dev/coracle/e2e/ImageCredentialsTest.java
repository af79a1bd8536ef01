package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code coracle image pull} proves who asks, by what a user of docker or podman has. */
@DaemonTest
@CoracleOnly
final class ImageCredentialsTest {
    private static final String ADDRESS = "127.0.0.1:5001";
    private static final String IMAGE = ADDRESS + "/busybox:1";
    private static final String PASSWORD = "open sesame";
    /** Of that password, by bcrypt. */
    private static final String USERS = "user:$2b$05$lgFrmvO3eA2L3Smto8Hh3OBKaMZ3K9Ye33lfOtSIMMgnltdCpkke6\n";

    private static final String AUTH =
            Base64.getEncoder().encodeToString(("user:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    @Test
    void credentialsComeFromWhereUsersHaveThem(Rig rig) throws IOException {
        Path folder = rig.folder("credentials");
        Path file = Files.writeString(
                Files.createDirectories(folder.resolve(".docker")).resolve("config.json"),
                "{\"auths\":{\"http://" + ADDRESS + "/v2/\":{\"auth\":\"" + AUTH + "\"}}}");
        Path helped =
                Files.writeString(folder.resolve("helped.json"), "{\"credHelpers\":{\"" + ADDRESS + "\":\"e2e\"}}");
        Path helper = Files.writeString(folder.resolve("docker-credential-e2e"), """
            #!/bin/sh
            [ "$1 $(cat)" = "get %s" ] && echo '{"Username":"user","Secret":"%s"}'
            """.formatted(ADDRESS, PASSWORD));
        assertThat(helper.toFile().setExecutable(true)).isTrue();
        try (NodeProcess _ = Registry.serveGuarded(rig.node(), TestImages.registryContent(), ADDRESS, USERS)) {
            String path = folder + ":" + System.getenv("PATH");
            Outcome nobody = pull(rig, "", Map.of());
            assertThat(nobody.status()).isEqualTo(1);
            assertThat(nobody.err()).contains("asks who pulls, and no credentials are given");
            takes(rig, pull(rig, "", Map.of(), "--creds", "user:" + PASSWORD));
            takes(rig, pull(rig, PASSWORD + "\n", Map.of(), "--creds", "user"));
            takes(rig, pull(rig, "", Map.of(), "--authfile", file.toString()));
            takes(rig, pull(rig, "", Map.of("HOME", folder.toString())));
            takes(rig, pull(rig, "", Map.of("REGISTRY_AUTH_FILE", file.toString(), "HOME", "/none")));
            takes(rig, pull(rig, "", Map.of("PATH", path), "--authfile", helped.toString()));
            refusals(rig, folder, helped);
        }
        assertThat(rig.daemon().log()).doesNotContain(PASSWORD, AUTH);
    }

    private static void refusals(Rig rig, Path folder, Path helped) throws IOException {
        assertThat(pull(rig, "", Map.of(), "--creds", "user:wrong").err())
                .contains(ADDRESS)
                .doesNotContain("wrong");
        assertThat(pull(rig, "", Map.of(), "--authfile", helped.toString()).err())
                .contains("ask docker-credential-e2e for credentials of " + ADDRESS)
                .contains("install it");
        assertThat(pull(rig, "", Map.of("REGISTRY_AUTH_FILE", "/no/such.json")).err())
                .contains("read /no/such.json");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"auths\": secret");
        assertThat(pull(rig, "", Map.of(), "--authfile", broken.toString()).err())
                .contains("it is not JSON")
                .doesNotContain("secret");
        assertThat(pull(rig, "", Map.of(), "--creds", "user").status()).isEqualTo(2);
    }

    private static void takes(Rig rig, Outcome pulled) {
        assertThat(pulled.text()).startsWith("sha256:");
        assertThat(ImageCommandTest.image(rig, "remove", IMAGE).text()).isEmpty();
    }

    /** The layers may be there, but who asks is asked each time, as the tag is. */
    private static Outcome pull(Rig rig, String input, Map<String, String> environment, String... options) {
        List<String> command = new ArrayList<>(List.of("bash", "-c", "printf '%s' \"$0\" | exec env \"$@\"", input));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of(Tools.home().resolve("bin/coracle").toString(), "image", "pull", IMAGE));
        command.addAll(List.of("--socket", rig.daemon().dirs().socket().toString()));
        command.addAll(List.of(options));
        return rig.node().command(Duration.ofMinutes(1), command);
    }
}
