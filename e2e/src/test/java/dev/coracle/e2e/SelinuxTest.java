package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.SELinuxOption;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SELinux on a node without it. */
@DaemonTest
@CoracleOnly
final class SelinuxTest {
    @Test
    @Field(
            value = "SELinuxOption.type",
            does = "of the container's processes; not given: its pod's, then the policy's. What the policy does not"
                    + " have is refused, and so are all labels on nodes without SELinux, but for spc_t, which asks"
                    + " for no confinement")
    @Field(
            value = "SELinuxOption.level",
            does = "as `type`, and of the container's files too; not given: the pod's, or else two categories that no"
                    + " other pod has")
    @Field(value = "SELinuxOption.user", does = "as `type`, and of the container's files too")
    @Field(value = "SELinuxOption.role", does = "as `type`")
    void labelsAreRefusedWhereNobodyEnforcesThem(Rig rig) {
        assumeFalse(Files.exists(Path.of("/sys/fs/selinux/enforce")), "SELinux is enabled on this kernel");
        RunningPod pod = rig.run(Pods.named("selinux").hostNetwork());
        for (SELinuxOption label : List.of(
                SELinuxOption.newBuilder().setType("container_t").build(),
                SELinuxOption.newBuilder().setLevel("s0:c1,c2").build(),
                SELinuxOption.newBuilder().setUser("system_u").build(),
                SELinuxOption.newBuilder().setRole("system_r").build())) {
            assertThat(Refused.with(
                            Code.UNIMPLEMENTED, () -> pod.create(rig.idle().security(s -> s.setSelinuxOptions(label)))))
                    .isEqualTo("apply SELinux label: SELinux is not enabled on this node");
        }
        SELinuxOption unconfined =
                SELinuxOption.newBuilder().setType("spc_t").setLevel("s0").build();
        assertThat(pod.start(rig.idle().security(s -> s.setSelinuxOptions(unconfined)))
                        .output("echo", "runs"))
                .isEqualTo("runs\n");
        Pods labelled = Pods.named("selinux-pod")
                .security(s -> s.setSelinuxOptions(SELinuxOption.newBuilder().setLevel("s0:c1,c2")));
        assertThat(Refused.with(Code.UNIMPLEMENTED, () -> rig.run(labelled))).startsWith("apply SELinux label");
    }
}
