package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.Int64Value;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.PodSandboxConfig;
import io.grpc.Status;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Input that makes no sense: INVALID_ARGUMENT, the field is named, and nothing has changed. */
@DaemonTest
@CoracleOnly
final class BadInputTest {

    static Stream<Arguments> pods() {
        return Stream.of(
                pod("metadata", PodSandboxConfig.Builder::clearMetadata),
                pod("metadata.name", c -> c.getMetadataBuilder().setName("")),
                pod("metadata.namespace", c -> c.getMetadataBuilder().setNamespace("")),
                pod("metadata.uid", c -> c.getMetadataBuilder().setUid("")),
                pod("log_directory", c -> c.setLogDirectory("relative/path")),
                pod("cgroup_parent", c -> c.getLinuxBuilder().setCgroupParent("/a/../../escape")),
                pod("sysctls", c -> c.getLinuxBuilder().putSysctls("kernel.panic", "1")),
                pod("sysctls", c -> c.getLinuxBuilder().putSysctls("net.ipv4.ip_forward", "1")),
                pod(
                        "port_mappings",
                        c -> c.addPortMappingsBuilder().setHostPort(80).setContainerPort(70_000)),
                pod(
                        "run_as_group",
                        c -> c.getLinuxBuilder()
                                .getSecurityContextBuilder()
                                .setRunAsGroup(Int64Value.newBuilder().setValue(1))));
    }

    private static Arguments pod(String field, Consumer<PodSandboxConfig.Builder> change) {
        return Arguments.of(field, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pods")
    void podIsRefused(String field, Consumer<PodSandboxConfig.Builder> change, Rig rig) {
        PodSandboxConfig config = Pods.named("bad").hostNetwork().on(rig.node()).build(change);
        String message =
                Refused.with(Status.Code.INVALID_ARGUMENT, () -> rig.client().runPod(config));
        assertThat(message).contains(field);
        assertThat(rig.client().pods()).isEmpty();
    }

    @Test
    @Field(
            value = "RunPodSandboxRequest.runtime_handler",
            does = "a configured handler; empty is the built-in one; unknown is refused")
    void unknownHandlerIsRefused(Rig rig) {
        assertThat(Refused.anyhow(() -> rig.run(Pods.named("handler").hostNetwork(), "no-such-handler")))
                .contains("no-such-handler");
        assertThat(rig.client().pods()).isEmpty();
    }

    static Stream<Arguments> containers() {
        return Stream.concat(fieldsOfTheContainer(), fieldsOfLinux());
    }

    private static Stream<Arguments> fieldsOfTheContainer() {
        return Stream.of(
                container("metadata.name", c -> c.getMetadataBuilder().setName("")),
                container("image", c -> c.getImageBuilder().setImage("")),
                container("log_path", c -> c.setLogPath("../../escape.log")),
                container("container_path", c -> c.addMounts(mount("").setHostPath("/tmp"))),
                container("host_path", c -> c.addMounts(mount("/data").setHostPath("relative"))),
                container("host_path", c -> c.addMounts(mount("/data").setHostPath("/no/such/path"))),
                container(
                        "devices",
                        c -> c.addDevicesBuilder()
                                .setHostPath("/dev/no-such-device")
                                .setContainerPath("/dev/x")
                                .setPermissions("rwm")));
    }

    private static Stream<Arguments> fieldsOfLinux() {
        return Stream.of(
                secured(
                        "run_as_group",
                        s -> s.setRunAsGroup(Int64Value.newBuilder().setValue(1))),
                secured("capabilities", s -> s.getCapabilitiesBuilder().addAddCapabilities("NO_SUCH_CAP")),
                secured("network", s -> s.getNamespaceOptionsBuilder().setNetwork(NamespaceMode.CONTAINER)),
                secured(
                        "target_id",
                        s -> s.getNamespaceOptionsBuilder()
                                .setPid(NamespaceMode.TARGET)
                                .setTargetId("0123")),
                secured("privileged", s -> s.setPrivileged(true)),
                secured("localhost_ref", s -> s.getSeccompBuilder().setLocalhostRef("profile.json")),
                container(
                        "cpuset_cpus",
                        c -> c.getLinuxBuilder().getResourcesBuilder().setCpusetCpus("0-zero")));
    }

    private static Arguments secured(String field, Consumer<LinuxContainerSecurityContext.Builder> change) {
        return container(field, c -> change.accept(c.getLinuxBuilder().getSecurityContextBuilder()));
    }

    private static Mount.Builder mount(String containerPath) {
        return Mount.newBuilder().setContainerPath(containerPath);
    }

    private static Arguments container(String field, Consumer<ContainerConfig.Builder> change) {
        return Arguments.of(field, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("containers")
    void containerIsRefused(String field, Consumer<ContainerConfig.Builder> change, Rig rig) {
        RunningPod pod = rig.run(Pods.named("good").hostNetwork());
        ContainerConfig config = rig.idle().in(pod.config(), change);
        String message = Refused.with(
                Status.Code.INVALID_ARGUMENT, () -> rig.client().createContainer(pod.id(), config, pod.config()));
        assertThat(message).contains(field);
        assertThat(rig.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .isEmpty();
    }

    @Test
    void imageThatIsNotThereIsNotFound(Rig rig) {
        RunningPod pod = rig.run(Pods.named("good").hostNetwork());
        ContainerConfig config = Containers.of("127.0.0.1:5000/never-pulled:1").in(pod.config());
        String message =
                Refused.with(Status.Code.NOT_FOUND, () -> rig.client().createContainer(pod.id(), config, pod.config()));
        assertThat(message).contains("127.0.0.1:5000/never-pulled:1");
    }

    @Test
    void neitherEntrypointNorCommandIsRefused(Rig rig) {
        RunningPod pod = rig.run(Pods.named("good").hostNetwork());
        ContainerConfig config = rig.container("config:nothing").in(pod.config());
        assertThat(Refused.anyhow(() -> rig.client().createContainer(pod.id(), config, pod.config())))
                .contains("command");
    }

    @Test
    void emptyRequestsAreRefusedAndTheDaemonGoesOn(Rig rig) {
        for (Runnable call : List.<Runnable>of(
                () -> rig.client().podStatus(""),
                () -> rig.client().containerStatus(""),
                () -> rig.client().startContainer(""),
                () -> rig.client().exec("", "true"),
                () -> rig.client().runPod(PodSandboxConfig.getDefaultInstance()))) {
            Refused.anyhow(call::run);
        }
        assertThat(rig.daemon().alive()).isTrue();
    }
}
