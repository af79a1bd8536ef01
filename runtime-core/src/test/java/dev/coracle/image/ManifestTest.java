package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final String DIGEST = "sha256:" + "b".repeat(64);

    @Test
    void aDockerManifestReadsAsAnOciOne() {
        Manifest manifest = parse("""
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
             "config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"%1$s","size":3},
             "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"%1$s","size":4}]}
            """.formatted(DIGEST));
        assertThat(manifest)
                .isInstanceOfSatisfying(
                        Manifest.Image.class,
                        image -> assertThat(image.layers().getFirst().size()).isEqualTo(4));
    }

    @Test
    void whatIsNoImageIsSaid() {
        String config = "\"config\":{\"digest\":\"" + DIGEST + "\",\"size\":1,\"mediaType\":\"%s\"}";
        refuses("{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "an index and an image at once");
        refuses("{\"schemaVersion\":2}", "names no configuration");
        refuses("{" + config.formatted("application/vnd.cncf.helm.config.v1+json") + "}", "an artifact of type");
        refuses(
                "{" + config.formatted("") + ",\"layers\":[{\"size\":-1,\"digest\":\"" + DIGEST + "\"}]}",
                "below zero");
        refuses("{" + config.formatted("") + ",\"layers\":{}}", "layers has the wrong type");
        refuses("[".repeat(100_000), "not JSON");
        refuses("{\"config\":{},\"config\":{}}", "not JSON");
        assertThatThrownBy(() -> parse("{\"schemaVersion\":1}")).isInstanceOf(Unsupported.class);
    }

    @Test
    void theConfigurationGivesWhatRunsAndWhatIsOnDisk() {
        ConfigFile file = ConfigFile.parse("""
            {"architecture":"arm64","os":"linux","config":{"User":"1000:10","Env":["A=b=c","EMPTY","PATH=/bin"],
             "Entrypoint":["/run"],"Cmd":null,"WorkingDir":"/srv","StopSignal":"SIGQUIT","Volumes":{"/var":{},"/srv":{}},
             "Labels":{"k":"v"},"ExposedPorts":{"80/tcp":{}}},"rootfs":{"type":"layers","diff_ids":["%s"]}}
            """.formatted(DIGEST).getBytes(StandardCharsets.UTF_8));

        assertThat(file.platform()).hasToString("linux/arm64");
        assertThat(file.diffIds()).containsExactly(Digest.parse(DIGEST));
        assertThat(file.config())
                .isEqualTo(new ImageConfig(
                        "1000:10",
                        List.of(new EnvVar("A", "b=c"), new EnvVar("EMPTY", ""), new EnvVar("PATH", "/bin")),
                        List.of("/run"),
                        List.of(),
                        "/srv",
                        new Signal(3),
                        List.of("/var", "/srv"),
                        Map.of("k", "v")));
    }

    @Test
    void theHighestVariantThatRunsIsChosen() {
        Platform machine = new Platform("linux", "arm64", "v8");
        List<Descriptor> offered = List.of(
                entry("linux", "amd64", ""),
                entry("linux", "arm64", "v9"),
                entry("linux", "arm64", ""),
                entry("unknown", "unknown", ""),
                entry("windows", "arm64", "v8"));
        assertThat(machine.choose(offered)).contains(offered.get(2));
        assertThat(machine.choose(offered.subList(0, 1))).isEmpty();
        Descriptor silent = new Descriptor("", Digest.parse(DIGEST), 1, Optional.empty());
        assertThat(machine.choose(List.of(silent))).contains(silent);
        assertThat(machine.choose(List.of(silent, silent))).isEmpty();
    }

    private static Descriptor entry(String os, String architecture, String variant) {
        return new Descriptor("", Digest.parse(DIGEST), 1, Optional.of(new Platform(os, architecture, variant)));
    }

    private static Manifest parse(String json) {
        return Manifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void refuses(String json, String reason) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(InvalidSpec.class).hasMessageContaining(reason);
    }
}
