package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PullImageRequest;
import dev.coracle.proto.v1.RuntimeHandler;
import dev.coracle.proto.v1.StatusRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runtime handlers are configuration: names for the built-in runtime with options of its own. */
@DaemonTest
@CoracleOnly
final class HandlerTest {
    private static final String NETWORK = """
        {"cniVersion": "1.0.0", "name": "special", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.89.0.0/24"}]]}}]}
        """;

    @Test
    @Field(value = "RuntimeHandler.name", does = "the default one, named \"\", and every configured one")
    void statusListsAllOfThemWithEqualFeatures(Rig rig) {
        var handlers = rig.client()
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getRuntimeHandlersList();
        assertThat(handlers).extracting(RuntimeHandler::getName).contains("", "test-handler", "guarded", "special");
        assertThat(handlers)
                .extracting(RuntimeHandler::getFeatures)
                .allMatch(handlers.getFirst().getFeatures()::equals);
    }

    @Test
    @Field("RunPodSandboxRequest.runtime_handler")
    @Field(
            value = "ImageSpec.runtime_handler",
            does = "images are the same for all handlers; a name that is not configured is refused")
    void anUnknownOneIsRefusedAndLeavesNothing(Rig rig) {
        assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> rig.run(Pods.named("unknown"), "absent")))
                .isEqualTo("runtime_handler: no handler \"absent\" is configured here");
        assertThat(rig.client().pods()).isEmpty();
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> rig.client()
                                .images()
                                .pullImage(PullImageRequest.newBuilder()
                                        .setImage(ImageSpec.newBuilder()
                                                .setImage("127.0.0.1:5000/busybox:1")
                                                .setRuntimeHandler("absent"))
                                        .build())))
                .startsWith("image.runtime_handler: ");
        RunningPod pod = rig.run(Pods.named("unknown-image").hostNetwork());
        assertThat(Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> pod.create(rig.idle()
                                .in(pod.config(), c -> Contract.text(c, "image { runtime_handler: 'absent' }")))))
                .startsWith("config.image.runtime_handler: ");
    }

    @Test
    @Field("RunPodSandboxRequest.runtime_handler")
    void theTestHandlerIsLikeTheDefaultOne(Rig rig) {
        RunningPod pod = rig.run(Pods.named("handled"), "test-handler");
        assertThat(pod.start(rig.idle()).output("echo", "runs")).isEqualTo("runs\n");
        assertThat(pod.status().getRuntimeHandler()).isEqualTo("test-handler");
        assertThat(rig.client().pods())
                .extracting(PodSandbox::getRuntimeHandler)
                .containsExactly("test-handler");
        assertThat(pod.ip()).startsWith("10.88.");
    }

    @Test
    @Tag("vm")
    void privilegedWithoutHostDevices(Rig rig) {
        RunningContainer container = rig.run(Pods.named("guarded").hostNetwork().privileged(), "guarded")
                .start(rig.idle().privileged());
        assertThat(container.output("ls", "/dev")).contains("null").doesNotContain("kmsg", "vda", "mem");
        assertThat(container
                        .exec("sh", "-c", "mknod /dev/k c 1 11 && head -c 1 /dev/k")
                        .getStderr()
                        .toStringUtf8())
                .contains("Operation not permitted");
        assertThat(container.exec("mount", "-t", "tmpfs", "x", "/mnt").getExitCode())
                .as("it is privileged all the same")
                .isZero();
    }

    @Test
    @Tag("vm")
    void aWritableCgroupOnVersion2(Rig rig) {
        RunningPod pod = rig.run(Pods.named("writable").hostNetwork(), "special");
        int status = pod.start(rig.idle()).exec("mkdir", "/sys/fs/cgroup/below").getExitCode();
        boolean version2 = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        assertThat(status == 0).isEqualTo(version2);
    }

    @Test
    void aNetworkOfItsOwn(Rig rig) throws IOException {
        Files.writeString(rig.daemon().dirs().specialCniConf().resolve("10-special.conflist"), NETWORK);
        RunningPod special = rig.run(Pods.named("special"), "special");
        RunningPod usual = rig.run(Pods.named("usual"));
        assertThat(special.ip()).startsWith("10.89.0.");
        assertThat(usual.ip()).startsWith("10.88.");
    }

    @Test
    void aPodWhoseHandlerIsGoneCanBeStoppedButRunsNothingNew(Rig rig) throws IOException {
        Path config = rig.daemon().dirs().config();
        String before = Files.readString(config);
        RunningPod pod = rig.run(Pods.named("orphan"), "guarded");
        RunningContainer running = pod.start(rig.idle());
        RunningContainer created = pod.create(rig.idle().named("created"));
        try {
            rig.daemon().dirs().configure("[handlers.test-handler]\n");
            rig.daemon().stop();
            rig.startDaemon();
            assertThat(pod.status().getRuntimeHandler()).isEqualTo("guarded");
            assertThat(running.output("echo", "goes on")).isEqualTo("goes on\n");
            assertThat(Refused.with(Code.UNAVAILABLE, () -> rig.client().startContainer(created.id())))
                    .contains("the runtime handler \"guarded\" of its pod is not configured any more");
            assertThat(Refused.with(
                            Code.UNAVAILABLE, () -> pod.create(rig.idle().named("new"))))
                    .contains("\"guarded\"");
            pod.stop();
            assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
            assertThat(running.status().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            rig.client().removePod(pod.id());
        } finally {
            rig.daemon().dirs().configure(before);
            rig.daemon().stop();
            rig.startDaemon();
        }
    }
}
