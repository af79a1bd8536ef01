package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.CgroupDriver;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.NetworkConfig;
import dev.coracle.proto.v1.RuntimeCondition;
import dev.coracle.proto.v1.RuntimeConfig;
import dev.coracle.proto.v1.RuntimeConfigRequest;
import dev.coracle.proto.v1.RuntimeHandler;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;
import dev.coracle.proto.v1.UpdateRuntimeConfigRequest;
import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the runtime says of itself. */
@DaemonTest
final class StatusTest {

    private static StatusResponse status(Rig rig) {
        return rig.client().runtime().status(StatusRequest.getDefaultInstance());
    }

    private static RuntimeCondition condition(Rig rig, String type) {
        return status(rig).getStatus().getConditionsList().stream()
                .filter(c -> c.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Field(value = "VersionRequest.version", does = "ignored: one contract is spoken, and the answer says which")
    void versionIsWhatAKubeletDemands(Rig rig) {
        VersionResponse version = rig.client()
                .runtime()
                .version(VersionRequest.newBuilder().setVersion("0.1.0").build());
        assertThat(version.getVersion()).isEqualTo("0.1.0");
        assertThat(version.getRuntimeName()).isNotEmpty();
        assertThat(version.getRuntimeVersion()).matches("v?\\d+\\.\\d+\\.\\d+.*");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
    }

    @Test
    @Field(value = "RuntimeCondition.type", does = "RuntimeReady, NetworkReady")
    @Field(
            value = "RuntimeCondition.status",
            does = "RuntimeReady always, NetworkReady when there is a configuration that can be used")
    void runtimeAndNetworkAreReady(Rig rig) {
        assertThat(condition(rig, "RuntimeReady").getStatus()).isTrue();
        assertThat(condition(rig, "NetworkReady").getStatus()).isTrue();
    }

    @Test
    @CoracleOnly
    @Field(value = "LinuxRuntimeConfiguration.cgroup_driver", does = "what the daemon was started with")
    @Field(value = "RuntimeFeatures.supplemental_groups_policy", does = "true")
    @Field(value = "RuntimeFeatures.mount_options", does = "on kernel 5.12 and later")
    @Field(value = "RuntimeHandlerFeatures.recursive_read_only_mounts", does = "on kernel 5.12 and later")
    void handlersAndFeatures(Rig rig) {
        StatusResponse status = status(rig);
        assertThat(status.getRuntimeHandlersList())
                .extracting(RuntimeHandler::getName)
                .contains("");
        assertThat(status.getFeatures().getSupplementalGroupsPolicy()).isTrue();
        assertThat(status.getFeatures().getMountOptions()).isTrue();
        assertThat(status.getRuntimeHandlers(0).getFeatures().getRecursiveReadOnlyMounts())
                .isTrue();
        assertThat(rig.client()
                        .runtime()
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver())
                .isEqualTo(CgroupDriver.CGROUPFS);
    }

    @Test
    @CoracleOnly
    @Field(value = "StatusRequest.verbose", does = "the daemon's configuration and what is wrong with the network's")
    @Field(value = "PodSandboxStatusRequest.verbose", does = "pids, plans, config and runtimeSpec, under info")
    @Field(value = "ContainerStatusRequest.verbose", does = "pids, plans, config and runtimeSpec, under info")
    void verboseAnswersHaveMore(Rig rig) {
        StatusRequest request = StatusRequest.newBuilder().setVerbose(true).build();
        assertThat(rig.client().runtime().status(request).getInfoMap())
                .containsKeys("config", "cniconfig", "lastCNILoadStatus");
        assertThat(status(rig).getInfoMap()).isEmpty();
        RunningPod pod = rig.run(Pods.named("verbose"));
        RunningContainer container = pod.start(rig.idle());
        assertThat(pod.info(false)).isEmpty();
        assertThat(ofContainer(rig, container, false)).isEmpty();
        String ofPod = pod.info(true).getOrDefault("info", "");
        String ofContainer = ofContainer(rig, container, true).getOrDefault("info", "");
        assertThat(ofContainer)
                .contains("\"sandboxID\":\"" + pod.id() + "\"")
                .contains("\"runtimeSpec\":{")
                .contains("\"args\":[\"/t/pause\"]");
        String netns = found(ofPod, "\"type\":\"network\",\"path\":\"([^\"]+)\"");
        assertThat(rig.node().inside(netns)).exists();
        Path main = Path.of("/proc", found(ofContainer, "\"pid\":([0-9]+)"));
        assertThat(main.resolve("comm")).content().isEqualTo("pause\n");
        Path shim = Path.of("/proc", found(ofPod, "\"shimPid\":([0-9]+)"));
        assertThat(shim.resolve("comm")).content().startsWith("coracle-shim");
        assertThat(Path.of(found(ofPod, "\"plans\":\"([^\"]+)\""), "1.plan")).exists();
    }

    private static Map<String, String> ofContainer(Rig rig, RunningContainer container, boolean verbose) {
        return rig.client()
                .runtime()
                .containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(container.id())
                        .setVerbose(verbose)
                        .build())
                .getInfoMap();
    }

    private static String found(String json, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(json);
        assertThat(matcher.find()).as(json).isTrue();
        return matcher.group(1);
    }

    @Test
    @CoracleOnly
    @Field(value = "RuntimeCondition.reason", does = "NetworkPluginNotReady")
    @Field(value = "RuntimeCondition.message", does = "where a configuration was looked for, or what is wrong with it")
    void withoutANetworkConfigurationHostNetworkPodsRun(Rig rig) throws IOException {
        Path configuration = rig.daemon().dirs().cniConf().resolve("10-e2e.conflist");
        Path aside = Files.move(configuration, rig.folder("cni").resolve("aside"));
        try {
            Waiting.untilTrue(
                    "the network is not ready",
                    Duration.ofSeconds(20),
                    () -> !condition(rig, "NetworkReady").getStatus());
            if (rig.isCoracle()) {
                assertThat(condition(rig, "NetworkReady").getReason()).isEqualTo("NetworkPluginNotReady");
                assertThat(condition(rig, "NetworkReady").getMessage())
                        .contains(String.valueOf(configuration.getParent()));
            }
            Refused.anyhow(() -> rig.run(Pods.named("no-network")));
            RunningContainer container =
                    rig.run(Pods.named("host").hostNetwork()).start(rig.idle());
            assertThat(container.output("echo", "runs")).isEqualTo("runs\n");
        } finally {
            Files.move(aside, configuration);
            Waiting.untilTrue(
                    "the network is ready again",
                    Duration.ofSeconds(20),
                    () -> condition(rig, "NetworkReady").getStatus());
        }
    }

    @Test
    @Field(value = "NetworkConfig.pod_cidr", does = "ignored: networks have ranges of their own in their configuration")
    void updateOfThePodCidrSucceeds(Rig rig) {
        var _ = rig.client().runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
        var _ = rig.client()
                .runtime()
                .updateRuntimeConfig(UpdateRuntimeConfigRequest.newBuilder()
                        .setRuntimeConfig(RuntimeConfig.newBuilder()
                                .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr("10.9.0.0/24,fd00:9::/64")))
                        .build());
    }
}
