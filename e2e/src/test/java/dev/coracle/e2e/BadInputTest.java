package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.Device;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.Mount;
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
                pod("metadata.name", c -> Contract.text(c, "metadata { name: '' }")),
                pod("metadata.namespace", c -> Contract.text(c, "metadata { namespace: '' }")),
                pod("metadata.uid", c -> Contract.text(c, "metadata { uid: '' }")),
                pod("log_directory", c -> c.setLogDirectory("relative/path")),
                pod("cgroup_parent", c -> Contract.text(c, "linux { cgroup_parent: '/a/../../escape' }")),
                pod("sysctls", c -> Contract.text(c, "linux { sysctls { key: 'kernel.panic' value: '1' } }")),
                pod("sysctls", c -> Contract.text(c, "linux { sysctls { key: 'net.ipv4.ip_forward' value: '1' } }")),
                pod("port_mappings", c -> Contract.text(c, "port_mappings { host_port: 80 container_port: 70000 }")),
                pod("run_as_group", c -> Contract.text(c, "linux { security_context { run_as_group { value: 1 } } }")));
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
                container("metadata.name", c -> Contract.text(c, "metadata { name: '' }")),
                container("image", c -> Contract.text(c, "image { image: '' }")),
                container("log_path", c -> c.setLogPath("../../escape.log")),
                container("container_path", c -> c.addMounts(mount("").setHostPath("/tmp"))),
                container("host_path", c -> c.addMounts(mount("/data").setHostPath("relative"))),
                container("host_path", c -> c.addMounts(mount("/data").setHostPath("/no/such/path"))),
                container(
                        "devices",
                        c -> c.addDevices(Device.newBuilder()
                                .setHostPath("/dev/no-such-device")
                                .setContainerPath("/dev/x")
                                .setPermissions("rwm"))));
    }

    private static Stream<Arguments> fieldsOfLinux() {
        return Stream.of(
                secured("run_as_group", "run_as_group { value: 1 }"),
                secured("capabilities", "capabilities { add_capabilities: 'NO_SUCH_CAP' }"),
                secured("network", "namespace_options { network: CONTAINER }"),
                secured("target_id", "namespace_options { pid: TARGET target_id: '0123' }"),
                secured("privileged", "privileged: true"),
                secured("localhost_ref", "seccomp { localhost_ref: 'profile.json' }"),
                container("cpuset_cpus", c -> Contract.text(c, "linux { resources { cpuset_cpus: '0-zero' } }")));
    }

    private static Arguments secured(String field, String change) {
        return container(field, c -> Contract.text(c, "linux { security_context { " + change + " } }"));
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
