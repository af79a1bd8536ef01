package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Layer;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.AskedRequest;
import dev.coracle.image.TestRegistry;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image's name stands for in a registry: manifests and indexes, of OCI and of docker, by tag and by digest. */
@DaemonTest
@CoracleOnly
final class PullManifestsTest {
    private static final String DOCKER = "application/vnd.docker.";
    private static final String DOCKER_MANIFEST = DOCKER + "distribution.manifest.v2+json";
    private static final String DOCKER_LIST = DOCKER + "distribution.manifest.list.v2+json";

    /** The same document in docker's words. */
    private static Blob docker(Blob document) {
        String text = new String(document.bytes(), StandardCharsets.UTF_8);
        return new Blob(text.replace(OciImage.INDEX, DOCKER_LIST)
                .replace(OciImage.MANIFEST, DOCKER_MANIFEST)
                .replace("application/vnd.oci.image.config.v1+json", DOCKER + "container.image.v1+json")
                .replace("application/vnd.oci.image.layer.v1.tar+gzip", DOCKER + "image.rootfs.diff.tar.gzip")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static OciImage.Packed docker(OciImage.Packed image) {
        return new OciImage.Packed(image.blobs(), docker(image.manifest()));
    }

    private static OciImage.Packed on(String architecture) {
        return OciImage.of(List.of(new Layer().file("for", architecture + System.nanoTime())))
                .onArchitecture(architecture)
                .pack();
    }

    /** Puts images of several platforms in, the wrong ones first. */
    private static Map<String, OciImage.Packed> platforms(NodeRegistry registry, boolean docker) {
        Map<String, OciImage.Packed> images = new LinkedHashMap<>();
        for (String platform :
                List.of("linux/arm64/v8", "windows/amd64", "linux/amd64/v9", "linux/amd64", "linux/386")) {
            OciImage.Packed image = on(platform.split("/", -1)[1]);
            images.put(platform, registry.image("a", platform.replace('/', '-'), docker ? docker(image) : image));
        }
        return images;
    }

    @Test
    void dockersManifestsAreTakenAsOcis(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = docker(PullSession.newImage());
            image.blobs().forEach(blob -> registry.blob("a", blob));
            registry.manifest("a", "1", DOCKER_MANIFEST, image.manifest());
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            assertThat(registry.askedFor("/manifests/1")
                            .getFirst()
                            .header("Accept")
                            .split(", ", -1))
                    .containsExactlyInAnyOrder(OciImage.INDEX, OciImage.MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thisMachinesImageOfAnIndexIsTaken(boolean docker, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            Map<String, OciImage.Packed> images = platforms(registry, docker);
            OciImage.Packed mine = images.get("linux/amd64");
            assertThat(mine).isNotNull();
            Blob index = OciImage.index(images);
            registry.manifest("a", "1", docker ? DOCKER_LIST : OciImage.INDEX, docker ? docker(index) : index);
            String name = registry.host() + "/a:1";
            assertThat(session.pull(name)).isEqualTo(PullSession.id(mine));
            assertThat(registry.asked())
                    .extracting(AskedRequest::path)
                    .containsExactlyInAnyOrder(
                            "/v2/a/manifests/1",
                            "/v2/a/manifests/" + mine.manifest().digest(),
                            "/v2/a/blobs/" + PullSession.id(mine),
                            "/v2/a/blobs/" + PullSession.layer(mine));
            // Whoever names the index by its digest means this.
            assertThat(session.status(name).getRepoDigestsList())
                    .containsExactly(registry.host() + "/a@" + (docker ? docker(index) : index).digest());
        }
    }

    @Test
    void anIndexWithoutThisMachineIsNotFound(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            Map<String, OciImage.Packed> images = platforms(registry, false);
            images.remove("linux/amd64");
            registry.manifest("a", "1", OciImage.INDEX, OciImage.index(images));
            String message = Refused.with(Status.Code.NOT_FOUND, () -> session.pull(registry.host() + "/a:1"));
            assertThat(message).contains(registry.host() + "/a:1", "linux/amd64");
            assertThat(registry.asked()).hasSize(1);
        }
    }

    @Test
    void aDigestIsAskedForAsItIs(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            String digest = image.manifest().digest();
            String name = registry.host() + "/a@" + digest;
            assertThat(session.pull(name)).isEqualTo(PullSession.id(image));
            assertThat(registry.askedFor("/manifests/" + digest)).hasSize(1);
            assertThat(registry.askedFor("/manifests/1")).isEmpty();
            assertThat(session.status(name).getRepoTagsList()).isEmpty();
            assertThat(session.status(name).getRepoDigestsList()).containsExactly(name);
        }
    }

    /** As deployments pin an image and keep its tag for readers: the tag may have moved on. */
    @Test
    void aDigestCountsMoreThanTheTagBeforeIt(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed pinned = registry.image("a", "1", PullSession.newImage());
            OciImage.Packed newer = registry.image("a", "1", PullSession.newImage());
            String name = registry.host() + "/a:1@" + pinned.manifest().digest();
            assertThat(session.pull(name)).isEqualTo(PullSession.id(pinned));
            assertThat(registry.askedFor("/manifests/1")).isEmpty();
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(newer));
            assertThat(session.status(name).getId()).isEqualTo(PullSession.id(pinned));
        }
    }

    /** By digest nothing else is taken: not as a manifest, not as a configuration, not as a layer. */
    @Test
    void contentThatIsNotItsDigestIsRefused(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            OciImage.Packed other = registry.image("b", "1", PullSession.newImage());
            String name = registry.host() + "/a@" + image.manifest().digest();
            for (Map.Entry<Blob, Blob> wrong : wrong(image, other).entrySet()) {
                try (NodeRegistry liar = liar(rig, wrong.getKey().digest(), wrong.getValue())) {
                    image.blobs().forEach(blob -> liar.blob("a", blob));
                    liar.manifest("a", "1", OciImage.MANIFEST, image.manifest());
                    String lied = name.replace(registry.host(), liar.host());
                    String message = Refused.with(Status.Code.UNKNOWN, () -> session.pull(lied));
                    assertThat(message)
                            .startsWith("RegistryUnavailable: ")
                            .contains(wrong.getKey().digest())
                            .contains("sent content with digest "
                                    + wrong.getValue().digest());
                    assertThat(session.has(lied)).isFalse();
                    // Another server may be right.
                    session.mirror(registry.host(), registry, liar);
                    assertThat(session.pull(name)).isEqualTo(PullSession.id(image));
                    session.remove(PullSession.id(image));
                }
            }
        }
    }

    /** What is sent for what, of the same length. */
    private static Map<Blob, Blob> wrong(OciImage.Packed image, OciImage.Packed other) {
        return Map.of(
                image.manifest(), altered(other.manifest()),
                image.blobs().getLast(), altered(image.blobs().getLast()),
                image.blobs().getFirst(), altered(image.blobs().getFirst()));
    }

    private static Blob altered(Blob blob) {
        byte[] bytes = blob.bytes().clone();
        bytes[bytes.length - 1] ^= 1;
        return new Blob(bytes);
    }

    private static NodeRegistry liar(Rig rig, String digest, Blob wrong) {
        NodeRegistry liar = NodeRegistry.in(rig.node());
        liar.script((asked, exchange) -> {
            if (!asked.path().endsWith(digest)) {
                return false;
            }
            return TestRegistry.answer(exchange, 200, wrong.bytes());
        });
        return liar;
    }
}
