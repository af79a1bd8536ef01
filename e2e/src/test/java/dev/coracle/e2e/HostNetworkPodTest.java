package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PodSandboxStatus;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The simplest pod: on the node's network, one busybox container. */
@DaemonTest
final class HostNetworkPodTest {

    @Test
    @Tag("vm")
    @Field(
            value = "RemoveContainerRequest.container_id",
            does = "killed where it runs; its log stays; unknown is success")
    void runsAndIsRemoved(Rig rig) {
        RunningPod pod = rig.run(Pods.named("thread").hostNetwork());
        RunningContainer container = pod.start(rig.busybox("echo hello; exec sleep 1000"));

        assertThat(container.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(container.awaitLog("hello").stdout()).isEqualTo("hello\n");
        ExecSyncResponse exec = container.exec("sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(exec.getExitCode()).isEqualTo(3);
        assertThat(exec.getStdout().toStringUtf8()).isEqualTo("out\n");
        assertThat(exec.getStderr().toStringUtf8()).isEqualTo("err\n");

        container.stop(Duration.ZERO);
        ContainerStatus stopped = container.status();
        assertThat(stopped.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(stopped.getExitCode()).isEqualTo(137);
        container.remove();
        pod.remove();
        assertThat(rig.client().pods()).isEmpty();
    }

    @Test
    @Field(
            value = "PodSandboxMetadata.name",
            does = "with namespace, uid and attempt the key of a pod; empty is refused; echoed")
    @Field(value = "PodSandboxMetadata.uid", does = "part of the key, goes to CNI plugins; empty is refused; echoed")
    @Field(
            value = "PodSandboxMetadata.namespace",
            does = "part of the key, goes to CNI plugins; empty is refused; echoed")
    @Field(value = "PodSandboxConfig.labels", does = "echoed byte for byte, selected by")
    @Field(value = "PodSandboxConfig.annotations", does = "echoed byte for byte")
    void statusTellsWhatWasAsked(Rig rig) {
        Pods request = Pods.named("status").hostNetwork().label("a", "1").annotation("b/c", "two \"words\"");
        RunningPod pod = rig.run(request);

        PodSandboxStatus status = pod.status();
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(status.getMetadata()).isEqualTo(pod.config().getMetadata());
        assertThat(status.getLabelsMap()).isEqualTo(pod.config().getLabelsMap());
        assertThat(status.getAnnotationsMap()).isEqualTo(pod.config().getAnnotationsMap());
        assertThat(status.getCreatedAt()).isPositive();
        assertThat(status.getNetwork().getIp()).isEmpty();
        assertThat(status.getLinux().getNamespaces().getOptions().getNetwork()).isEqualTo(NamespaceMode.NODE);
    }

    @Test
    @Field(
            value = "NamespaceOption.network",
            does = "POD: a network of the pod's own, made by CNI; NODE: the node's; anything else is refused")
    void seesTheNodesInterfaces(Rig rig) {
        RunningPod pod = rig.run(Pods.named("interfaces").hostNetwork());
        RunningContainer container = pod.start(rig.idle());
        assertThat(container.output("ip", "-o", "link")).contains("e2e0");
    }
}
