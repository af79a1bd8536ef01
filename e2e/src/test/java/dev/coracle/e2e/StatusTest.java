package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.AttachRequest;
import dev.coracle.proto.v1.CgroupDriver;
import dev.coracle.proto.v1.CheckpointContainerRequest;
import dev.coracle.proto.v1.RuntimeCondition;
import dev.coracle.proto.v1.RuntimeConfigRequest;
import dev.coracle.proto.v1.RuntimeHandler;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.StatusResponse;
import dev.coracle.proto.v1.UpdateRuntimeConfigRequest;
import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.proto.v1.VersionResponse;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    void handlersAndFeatures(Rig rig) {
        StatusResponse status = status(rig);
        assertThat(status.getRuntimeHandlersList())
                .extracting(RuntimeHandler::getName)
                .contains("");
        assertThat(rig.client()
                        .runtime()
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver())
                .isEqualTo(CgroupDriver.CGROUPFS);
    }

    @Test
    @CoracleOnly
    @Field(value = "RuntimeCondition.reason", does = "NetworkPluginNotReady")
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
    void updateOfThePodCidrSucceeds(Rig rig) {
        var _ = rig.client().runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
    }

    @Test
    @CoracleOnly
    void whatIsNotBuiltYetSaysItsName(Rig rig) {
        assertThat(Refused.with(
                        Code.UNIMPLEMENTED, () -> rig.client().runtime().attach(AttachRequest.getDefaultInstance())))
                .contains("Attach");
        assertThat(Refused.with(
                        Code.UNIMPLEMENTED,
                        () -> rig.client()
                                .runtime()
                                .checkpointContainer(CheckpointContainerRequest.getDefaultInstance())))
                .contains("CheckpointContainer");
    }
}
