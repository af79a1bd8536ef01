package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.Int64Value;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.LinuxContainerUser;
import dev.coracle.proto.v1.SupplementalGroupsPolicy;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import dev.coracle.proto.v1.UpdatePodSandboxResourcesRequest;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fields of requests that no other test is about, one or a few at a time. */
@DaemonTest
final class RequestFieldsTest {
    private static RunningPod pod(Rig rig) {
        return rig.run(Pods.named("fields").hostNetwork());
    }

    @Test
    @Field(value = "PodSandboxConfig.windows", does = "ignored: another operating system")
    @Field(value = "ContainerConfig.windows", does = "ignored: another operating system")
    @Field(value = "UpdateContainerResourcesRequest.windows", does = "ignored: another operating system")
    @Field(
            value = "UpdateContainerResourcesRequest.annotations",
            does = "ignored: the contract gives it no meaning yet")
    void whatIsForAnotherSystemDoesNoHarm(Rig rig) {
        RunningPod pod = rig.run(Pods.named("windows")
                .hostNetwork()
                .on(rig.node())
                .build(c -> Contract.text(
                        c, "windows { security_context { run_as_username: 'ContainerUser' credential_spec: 'x' } }")));
        RunningContainer container = pod.start(
                rig.idle().in(pod.config(), c -> Contract.text(c, "windows { resources { cpu_shares: 1 } }")));
        var _ = rig.client()
                .runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container.id())
                        .setLinux(LinuxContainerResources.newBuilder().setCpuShares(300))
                        .setWindows(dev.coracle.proto.v1.WindowsContainerResources.newBuilder()
                                .setCpuShares(7))
                        .putAnnotations("a", "b")
                        .build());
        assertThat(container.status().getResources().getLinux().getCpuShares()).isEqualTo(300);
        assertThat(container.status().getResources().hasWindows()).isFalse();
    }

    @Test
    @Field(value = "ContainerConfig.stdin", does = "standard input is a pipe that stays open, else /dev/null")
    void standardInputStaysOpenWhereItIsAskedFor(Rig rig) {
        RunningPod pod = pod(rig);
        Containers cat = rig.busybox("cat; echo over");
        RunningContainer open = pod.start(cat.named("open").in(pod.config(), c -> c.setStdin(true)));
        RunningContainer closed = pod.start(cat.named("closed"));
        closed.awaitExit();
        assertThat(closed.log().stdout()).isEqualTo("over\n");
        assertThat(open.status().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    @Test
    @CoracleOnly
    @Field(
            value = "LinuxContainerSecurityContext.supplemental_groups_policy",
            does = "Merge adds the user's groups of the image's /etc/group, Strict does not")
    @Field(value = "LinuxContainerUser.uid", does = "of the main process")
    @Field(value = "LinuxContainerUser.gid", does = "of the main process")
    @Field(value = "LinuxContainerUser.supplemental_groups", does = "of the main process, its primary group among them")
    void groupsAreThoseOfThePolicyAndInTheStatus(Rig rig) {
        RunningPod pod = pod(rig);
        RunningContainer merged = pod.start(rig.idle().named("merged").user(1000, 1000));
        RunningContainer strict = pod.start(rig.idle()
                .named("strict")
                .user(1000, 1000)
                .security(s -> s.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)
                        .addSupplementalGroups(777)));
        assertThat(groups(merged)).isEqualTo("1000 2000 2001");
        assertThat(groups(strict)).isEqualTo("777 1000");
        LinuxContainerUser user = merged.status().getUser().getLinux();
        assertThat(user.getUid()).isEqualTo(1000);
        assertThat(user.getGid()).isEqualTo(1000);
        assertThat(user.getSupplementalGroupsList()).containsExactly(1000L, 2000L, 2001L);
    }

    private static String groups(RunningContainer container) {
        return container
                .output("sh", "-c", "grep Groups /proc/1/status")
                .split(":\\s*", 2)[1]
                .strip();
    }

    @Test
    @CoracleOnly
    @Field(
            value = "Capability.add_ambient_capabilities",
            does = "in all five sets, so that a user other than root has them as well")
    void ambientCapabilitiesReachOtherUsers(Rig rig) {
        RunningContainer container = pod(rig).start(rig.idle()
                .user(1000, 1000)
                .security(s -> s.setCapabilities(
                        s.getCapabilities().toBuilder().addAddAmbientCapabilities("NET_BIND_SERVICE"))));
        String status = container.output("cat", "/proc/1/status");
        assertThat(status).contains("CapAmb:\t0000000000000400").contains("CapEff:\t0000000000000400");
    }

    @Test
    @Field(
            value = "LinuxContainerSecurityContext.seccomp_profile_path",
            does = "from older clients: runtime/default, unconfined or localhost/FILE, where seccomp is absent")
    @SuppressWarnings("deprecation") // it is what older clients send
    void olderNamesOfSeccompProfiles(Rig rig) {
        RunningContainer container =
                pod(rig).start(rig.idle().security(s -> s.clearSeccomp().setSeccompProfilePath("runtime/default")));
        assertThat(container.output("cat", "/proc/1/status")).contains("Seccomp:\t2");
    }

    @Test
    @CoracleOnly
    @Field(
            value = "LinuxContainerSecurityContext.apparmor_profile",
            does = "from older clients: runtime/default, unconfined or localhost/NAME, where apparmor is absent")
    @SuppressWarnings("deprecation") // it is what older clients send
    void olderNamesOfAppArmorProfiles(Rig rig) {
        RunningPod pod = pod(rig);
        String message = Refused.anyhow(
                () -> pod.start(rig.idle().security(s -> s.setApparmorProfile("localhost/no-such-profile"))));
        assertThat(message.toLowerCase(java.util.Locale.ROOT)).contains("apparmor");
    }

    @Test
    @Field(
            value = "NamespaceOption.ipc",
            does = "POD: one for the pod, with its /dev/shm; NODE: the node's; else refused")
    void ipcOfTheNode(Rig rig) {
        String own =
                rig.run(Pods.named("ipc-pod").hostNetwork()).start(rig.idle()).output("readlink", "/proc/self/ns/ipc");
        String nodes = rig.run(Pods.named("ipc-node").hostNetwork().hostIpc())
                .start(rig.idle())
                .output("readlink", "/proc/self/ns/ipc");
        String machine = rig.node().command("readlink", "/proc/self/ns/ipc").text();
        assertThat(nodes).isEqualTo(machine);
        assertThat(own).isNotEqualTo(machine);
    }

    @Test
    @Field(
            value = "NamespaceOption.target_id",
            does = "the container of the same pod, running, whose pid namespace is joined")
    @Field("NamespaceOption.pid")
    void processesOfATarget(Rig rig) {
        RunningPod pod = pod(rig);
        RunningContainer target = pod.start(rig.busybox("exec sleep 4242").named("target"));
        RunningContainer debug = pod.start(rig.idle()
                .named("debug")
                .in(
                        pod.config(),
                        c -> Contract.text(
                                c,
                                "linux { security_context { namespace_options { pid: TARGET target_id: '" + target.id()
                                        + "' } } }")));
        assertThat(debug.output("ps")).contains("sleep 4242");
        assertThat(debug.output("readlink", "/proc/1/exe")).isEqualTo(target.output("readlink", "/proc/1/exe"));
    }

    @Test
    @Field(value = "PodSandboxMetadata.attempt", does = "part of the key; echoed")
    void anotherAttemptIsAnotherPod(Rig rig) {
        Pods pods = Pods.named("attempts").hostNetwork().on(rig.node());
        RunningPod first = rig.run(pods.build());
        first.stop();
        RunningPod second = rig.run(pods.attempt(1).build());
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.status().getMetadata().getAttempt()).isEqualTo(1);
    }

    @Test
    @CoracleOnly
    @Field(
            value = "LinuxSandboxSecurityContext.run_as_user",
            does = "of the init of a shared pid namespace; 65535 where absent")
    @Field(value = "LinuxSandboxSecurityContext.run_as_group", does = "the same; refused without run_as_user")
    @Field(value = "LinuxSandboxSecurityContext.supplemental_groups", does = "the same")
    @Field(
            value = "LinuxSandboxSecurityContext.supplemental_groups_policy",
            does = "ignored: a pod has no image whose groups could be merged")
    @Field(
            value = "LinuxSandboxSecurityContext.seccomp",
            does = "ignored: the init of a shared pid namespace may only wait, whatever is asked")
    @Field(
            value = "LinuxSandboxSecurityContext.apparmor",
            does = "ignored: nothing of a client's runs in a pod but its containers")
    @Field(value = "LinuxSandboxSecurityContext.readonly_rootfs", does = "ignored: a pod has no root of its own")
    @Field(
            value = "LinuxSandboxSecurityContext.seccomp_profile_path",
            does = "ignored: nothing of a client's runs in a pod but its containers")
    void userOfThePodsInit(Rig rig) {
        RunningPod pod = rig.run(Pods.named("init")
                .hostNetwork()
                .sharedPid()
                .security(s -> s.setRunAsUser(number(1234))
                        .setRunAsGroup(number(2345))
                        .addSupplementalGroups(3456)
                        .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)
                        .setReadonlyRootfs(true)));
        String init = pod.start(rig.idle()).output("cat", "/proc/1/status");
        assertThat(init).contains("Uid:\t1234\t").contains("Gid:\t2345\t").containsPattern("Groups:\\s3456\\b");
        String usual = rig.run(Pods.named("usual-init").hostNetwork().sharedPid())
                .start(rig.idle())
                .output("cat", "/proc/1/status");
        assertThat(usual).contains("Uid:\t65535\t").contains("Gid:\t65535\t").contains("CapEff:\t0000000000000000");
        assertThat(usual)
                .as("filtered, also where nobody asks for it, and waiting")
                .contains("Seccomp:\t2", "State:\tS");
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    @Test
    @CoracleOnly
    @Field(
            value = "UpdatePodSandboxResourcesRequest.pod_sandbox_id",
            does = "the pod must be there; what it says is kept")
    void resourcesOfAPodAreNoted(Rig rig) {
        RunningPod pod = rig.run(Pods.named("noted")
                .hostNetwork()
                .on(rig.node())
                .build(c -> Contract.text(
                        c,
                        "linux { overhead { cpu_shares: 55 } resources { memory_limit_in_bytes: " + (33 << 20)
                                + " } }")));
        assertThat(pod.info(true).get("info"))
                .containsPattern("overhead[^}]*\"cpuShares\":55\\b")
                .containsPattern("resources[^}]*\"memoryLimitInBytes\":" + (33 << 20));
        var _ = rig.client()
                .runtime()
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(pod.id())
                        .setResources(LinuxContainerResources.newBuilder().setCpuShares(99))
                        .build());
        assertThat(pod.info(true).get("info"))
                .containsPattern("overhead[^}]*\"cpuShares\":55\\b")
                .containsPattern("resources[^}]*\"cpuShares\":99\\b");
        Refused.with(
                Status.Code.NOT_FOUND,
                () -> rig.client()
                        .runtime()
                        .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                                .setPodSandboxId("0123456789")
                                .build()));
    }

    @Test
    @Field("PodSandboxConfig.labels")
    @Field("PodSandboxConfig.annotations")
    @Field("ContainerConfig.labels")
    @Field("ContainerConfig.annotations")
    void labelsAndAnnotationsComeBackByteForByte(Rig rig) {
        String odd = "\u00fc \"quoted\" \\ \n\t\r {\"json\": [1]} " + "x".repeat(70_000);
        Map<String, String> values = Map.of("a/b.c-d", odd, "empty", "", "UPPER lower", " spaces ");
        RunningPod pod = rig.run(Pods.named("labels")
                .hostNetwork()
                .on(rig.node())
                .build(c -> c.putAllLabels(values).putAllAnnotations(values)));
        RunningContainer container = pod.create(
                rig.idle().in(pod.config(), c -> c.putAllLabels(values).putAllAnnotations(values)));
        assertThat(pod.status().getLabelsMap())
                .isEqualTo(pod.config().getLabelsMap())
                .containsAllEntriesOf(values);
        assertThat(pod.status().getAnnotationsMap())
                .isEqualTo(pod.config().getAnnotationsMap())
                .containsAllEntriesOf(values);
        assertThat(container.status().getLabelsMap()).containsAllEntriesOf(values);
        assertThat(container.status().getAnnotationsMap()).containsAllEntriesOf(values);
        ByteString listed = rig.client().pods().getFirst().getAnnotationsMap().values().stream()
                .filter(odd::equals)
                .findFirst()
                .map(text -> ByteString.copyFrom(text, StandardCharsets.UTF_8))
                .orElseThrow();
        assertThat(listed.size()).isGreaterThan(70_000);
    }

    @Test
    @CoracleOnly
    @Field("Mount.selinux_relabel")
    void whoAsksForLabelsOfFilesIsToldSoAndTheirFilesStayAsTheyAre(Rig rig) {
        Path folder = rig.folder("labels");
        RunningContainer container =
                pod(rig).start(rig.idle().mount(folder, "/labelled", m -> m.setSelinuxRelabel(true)));
        assertThat(container.status().getMountsList()).singleElement().satisfies(mount -> {
            assertThat(mount.getContainerPath()).isEqualTo("/labelled");
            assertThat(mount.getSelinuxRelabel()).isTrue();
        });
        assertThat(container.exec("touch", "/labelled/new").getExitCode()).isZero();
    }
}
