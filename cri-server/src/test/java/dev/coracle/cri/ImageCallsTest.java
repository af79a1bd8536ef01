package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.image.Digest;
import dev.coracle.image.Image;
import dev.coracle.image.Images;
import dev.coracle.image.Pins;
import dev.coracle.image.Platform;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.FilesystemUsage;
import dev.coracle.proto.v1.ImageFsInfoRequest;
import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.ImageStatusRequest;
import dev.coracle.proto.v1.ListImagesRequest;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RemoveImageRequest;
import dev.coracle.proto.v1.RemoveImageResponse;
import dev.coracle.spec.ImageConfig;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The image service as its clients see it, on a machine without images. */
final class ImageCallsTest {
    private static final String ID = "sha256:" + "5".repeat(64);

    @TempDir
    private Path directory;

    @AutoClose
    private TestServer server;

    private ImageServiceGrpc.ImageServiceBlockingStub stub;

    @BeforeEach
    void start() {
        server = new TestServer(directory, TestServer.READY, new FakePods(), Pins.of("127.0.0.1:*"));
        stub = ImageServiceGrpc.newBlockingStub(server.channel());
    }

    @Test
    void an_image_that_is_not_there_is_an_answer_without_one() {
        assertThat(stub.imageStatus(ImageStatusRequest.newBuilder()
                                .setImage(image("nginx"))
                                .setVerbose(true)
                                .build())
                        .hasImage())
                .isFalse();
        assertThat(stub.listImages(ListImagesRequest.getDefaultInstance()).getImagesList())
                .isEmpty();
        assertThat(stub.removeImage(
                        RemoveImageRequest.newBuilder().setImage(image("nginx")).build()))
                .isEqualTo(RemoveImageResponse.getDefaultInstance());
    }

    @Test
    void the_file_system_of_images_is_one_that_exists() {
        var answer = stub.imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        FilesystemUsage usage = answer.getImageFilesystems(0);
        assertThat(Path.of(usage.getFsId().getMountpoint())).isDirectory();
        assertThat(usage.hasUsedBytes()).isTrue();
        assertThat(usage.getTimestamp()).isGreaterThan(1_700_000_000_000_000_000L);
        assertThat(answer.getContainerFilesystemsCount()).isZero();
    }

    @Test
    void an_unknown_handler_of_an_image_is_refused() {
        ImageSpec other = image("nginx").toBuilder().setRuntimeHandler("other").build();
        assertThat(stub.imageStatus(
                                ImageStatusRequest.newBuilder().setImage(other).build())
                        .hasImage())
                .isFalse();
        ImageSpec unknown =
                image("nginx").toBuilder().setRuntimeHandler("absent").build();
        refusesHandler(() ->
                stub.pullImage(PullImageRequest.newBuilder().setImage(unknown).build()));
        refusesHandler(() -> stub.imageStatus(
                ImageStatusRequest.newBuilder().setImage(unknown).build()));
    }

    private static void refusesHandler(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("image.runtime_handler: no handler \"absent\" is configured here");
    }

    @ParameterizedTest
    @CsvSource({
        "'', INVALID_ARGUMENT, image.image: empty",
        "'Not A Name', INVALID_ARGUMENT, image: ",
        "127.0.0.1:1/nothing:1, UNKNOWN, 'RegistryUnavailable: '"
    })
    void a_pull_that_fails_says_why_in_the_form_that_a_kubelet_knows(String name, Status.Code code, String message) {
        PullImageRequest request =
                PullImageRequest.newBuilder().setImage(image(name)).build();
        assertThatThrownBy(() -> stub.pullImage(request)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).startsWith(message);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "'', false, 0, ''",
        "0, true, 0, ''",
        "1000:5, true, 1000, ''",
        "www, false, 0, www",
        "www:staff, false, 0, www",
        "99999999999, false, 0, 99999999999"
    })
    void the_user_is_a_number_or_a_name(String user, boolean hasUid, long uid, String username) {
        ImageConfig config = new ImageConfig(user, List.of(), List.of(), List.of(), "", null, List.of(), Map.of());
        var written = ImageOut.write(new Image(
                Digest.parse(ID),
                List.of("docker.io/library/a:1"),
                List.of("docker.io/library/a@" + ID),
                7,
                config,
                "{}"));
        assertThat(written.hasUid()).isEqualTo(hasUid);
        assertThat(written.getUid().getValue()).isEqualTo(uid);
        assertThat(written.getUsername()).isEqualTo(username);
        assertThat(written.getId()).isEqualTo(ID);
        assertThat(written.getSize()).isEqualTo(7);
        assertThat(written.getRepoTagsList()).containsExactly("docker.io/library/a:1");
        assertThat(written.getRepoDigestsList()).containsExactly("docker.io/library/a@" + ID);
    }

    @Test
    void verbose_shows_the_configuration_as_the_registry_had_it() {
        Image image =
                new Image(Digest.parse(ID), List.of(), List.of(), 0, ImageConfig.EMPTY, "{\"architecture\":\"amd64\"}");
        assertThat(VerboseOut.image(image)).isEqualTo(Map.of("info", "{\"imageSpec\":{\"architecture\":\"amd64\"}}"));
        assertThat(ImageOut.write(image).getSize())
                .as("0 would be an error to a kubelet")
                .isEqualTo(1);
    }

    @Test
    @Field(value = "Image.pinned", does = "its name is one of `images.pinned`")
    void an_image_that_is_configured_to_stay_is_pinned() {
        CheckImage image =
                new CheckImage("program", new byte[3], Platform.current().architecture());
        try (CheckRegistry registry = new CheckRegistry(image)) {
            ImageSpec name = image(registry.reference());
            var _ = stub.pullImage(PullImageRequest.newBuilder().setImage(name).build());
            assertThat(stub.imageStatus(ImageStatusRequest.newBuilder()
                                    .setImage(name)
                                    .build())
                            .getImage()
                            .getPinned())
                    .isTrue();
            assertThat(stub.listImages(ListImagesRequest.getDefaultInstance())
                            .getImages(0)
                            .getPinned())
                    .isTrue();
            var _ = stub.removeImage(
                    RemoveImageRequest.newBuilder().setImage(name).build());
            assertThat(stub.listImages(ListImagesRequest.getDefaultInstance()).getImagesList())
                    .isEmpty();
        }
        Image named = new Image(Digest.parse(ID), List.of("a/b:1"), List.of("a/b@" + ID), 0, ImageConfig.EMPTY, "{}");
        for (String pins : List.of("a/b:1", "x a/b:1", "a/*", "a/b@sha256:*")) {
            Path state = directory.resolve("state-" + pins.hashCode());
            try (Images pinned = Images.open(state, Pins.of(pins))) {
                assertThat(pinned.isPinned(named)).as(pins).isTrue();
            }
        }
        for (String pins : List.of("", "a/b", "a/b:", "b:1", "*a/b:1")) {
            Path state = directory.resolve("state-" + pins.hashCode());
            try (Images free = Images.open(state, Pins.of(pins))) {
                assertThat(free.isPinned(named)).as(pins).isFalse();
            }
        }
    }

    private static ImageSpec image(String name) {
        return ImageSpec.newBuilder().setImage(name).build();
    }
}
