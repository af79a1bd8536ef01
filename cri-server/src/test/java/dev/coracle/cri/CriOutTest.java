package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.coracle.pod.ContainerUsage;
import dev.coracle.pod.PodUsage;
import dev.coracle.proto.Contract;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.ContainerStatus;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.spec.Signal;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.PodRecord;
import dev.coracle.stats.CpuUsage;
import dev.coracle.stats.DiskUsage;
import dev.coracle.stats.GroupUsage;
import dev.coracle.stats.InterfaceUsage;
import dev.coracle.stats.InterfaceUsage.Direction;
import dev.coracle.stats.MemoryUsage;
import dev.coracle.stats.Psi;
import dev.coracle.stats.SwapUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records as clients see them. */
final class CriOutTest {
    private static final ContainerState EXITED = new ContainerState.Exited(
            Records.PREPARED, 5_000, new Outcome(137, 6_000, Outcome.Reason.OOM_KILLED, "limit of 1 MiB"));
    private static final Psi PSI = new Psi(new Psi.Line(1, 2, 3, 4), new Psi.Line(5, 6, 7, 8));

    /** Not set in any full answer, and why. */
    private static final Set<String> NOT_SET = Set.of(
            "ContainerResources.windows", // another operating system
            "PodSandboxStats.windows", // the same
            "ImageSpec.annotations", // of a request for a pull
            "ImageSpec.runtime_handler", // the same
            "ImageSpec.image_ref", // of image volumes
            "PodSandboxStatus.state", // zero is ready
            "NamespaceOption.network", // zero is the pod's own, and the sample has a user namespace
            "NamespaceOption.ipc", // the same
            "NamespaceOption.target_id", // of containers
            "UserNamespace.mode", // zero is the pod's own
            "IDMapping.container_id"); // zero is root

    private static final List<InterfaceUsage> NETWORK = List.of(
            new InterfaceUsage("net1", new Direction(1, 2, 3, 4), new Direction(5, 6, 7, 8)),
            new InterfaceUsage("eth0", new Direction(11, 12, 13, 14), new Direction(15, 16, 17, 18)));

    static Stream<MessageLite> fullAnswers() {
        PodRecord pod = Records.pod(1, Samples.POD);
        ContainerRecord container = Records.container(2, 1, Samples.CONTAINER, EXITED);
        GroupUsage group = new GroupUsage(
                new CpuUsage(1, 2, 3L, PSI),
                new MemoryUsage(4, 5, 6L, 7, 8, 9, 10, PSI),
                new SwapUsage(11, 12L, 13),
                PSI);
        ContainerUsage usage = new ContainerUsage(container, group, new DiskUsage(15, "/var", 16, 17));
        return Stream.of(
                SandboxOut.item(Records.notReady(pod)),
                SandboxOut.status(pod),
                ContainerOut.item(container),
                ContainerOut.status(container, "/logs"),
                StatsOut.container(usage),
                PodStatsOut.pod(new PodUsage(pod, group, 18, NETWORK, List.of(usage))));
    }

    @ParameterizedTest
    @MethodSource("fullAnswers")
    void a_full_record_fills_every_field(MessageLite answer) {
        List<String> unset = new ArrayList<>();
        addUnset(Contract.open(answer), unset);
        assertThat(NOT_SET).containsAll(unset);
    }

    private static void addUnset(Message message, List<String> unset) {
        if (message.getDescriptorForType().equals(Contract.descriptor(Mount.getDefaultInstance()))) {
            return; // each kind of mount has fields of its own: compared below
        }
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (!message.getAllFields().containsKey(field)) {
                unset.add(field.getContainingType().getName() + "." + field.getName());
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
                inner(message, field).forEach(inner -> addUnset(inner, unset));
            }
        }
    }

    private static List<Message> inner(Message message, FieldDescriptor field) {
        if (!field.isRepeated()) {
            return List.of((Message) message.getField(field));
        }
        return ((List<?>) message.getField(field))
                .stream().map(Message.class::cast).toList();
    }

    @Test
    void what_a_pod_asked_for_comes_back() {
        PodRecord pod = Records.pod(1, Samples.POD);
        var config = Samples.POD.getConfig();
        PodSandboxStatus status = SandboxOut.status(pod);
        assertThat(status.getId()).isEqualTo(Records.id(1));
        assertThat(status.getMetadata()).isEqualTo(config.getMetadata());
        assertThat(status.getLabelsMap()).isEqualTo(config.getLabelsMap());
        assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
        assertThat(status.getLinux().getNamespaces().getOptions())
                .isEqualTo(config.getLinux().getSecurityContext().getNamespaceOptions());
        assertThat(status.getRuntimeHandler()).isEqualTo("special");
        assertThat(status.getCreatedAt()).isEqualTo(1_001);
        PodSandbox item = SandboxOut.item(pod);
        assertThat(List.of(item.getMetadata(), item.getLabelsMap(), item.getAnnotationsMap(), item.getCreatedAt()))
                .isEqualTo(List.of(
                        status.getMetadata(),
                        status.getLabelsMap(),
                        status.getAnnotationsMap(),
                        status.getCreatedAt()));
    }

    @Test
    void a_ready_pod_has_its_addresses_the_primary_first_and_another_has_none() {
        PodRecord pod = Records.pod(1, Samples.POD);
        assertThat(SandboxOut.status(pod).getNetwork().getIp()).isEqualTo("10.88.0.5");
        assertThat(SandboxOut.status(pod).getNetwork().getAdditionalIps(0).getIp())
                .isEqualTo("fd00::5");
        PodSandboxStatus stopped = SandboxOut.status(Records.notReady(pod));
        assertThat(stopped.hasNetwork()).isTrue();
        assertThat(stopped.getNetwork().getIp()).isEmpty();
        assertThat(stopped.getNetwork().getAdditionalIpsCount()).isZero();
    }

    @Test
    void what_a_container_asked_for_comes_back() {
        ContainerRecord container = Records.container(2, 1, Samples.CONTAINER, EXITED);
        var config = Samples.CONTAINER.getConfig();
        ContainerStatus status = ContainerOut.status(container, "/logs");
        assertThat(status.getMetadata()).isEqualTo(config.getMetadata());
        assertThat(status.getLabelsMap()).isEqualTo(config.getLabelsMap());
        assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
        assertThat(status.getResources().getLinux()).isEqualTo(config.getLinux().getResources());
        assertThat(status.getStopSignal()).isEqualTo(config.getStopSignal());
        // An image volume is read-only whether or not its request said so.
        Mount image = config.getMounts(2).toBuilder().setReadonly(true).build();
        assertThat(status.getMountsList()).containsExactly(config.getMounts(0), config.getMounts(1), image);
        assertThat(status.getLogPath()).isEqualTo("/logs/web/3.log");
        assertThat(status.getImage().getImage()).as("as its user wrote it").isEqualTo("nginx:1");
        assertThat(status.getImageRef()).isEqualTo("nginx@sha256:9");
        assertThat(status.getImageId()).isEqualTo("sha256:1234");
        assertThat(status.getUser().getLinux().getUid()).isEqualTo(1000);
        assertThat(status.getUser().getLinux().getSupplementalGroupsList()).containsExactly(7L, 9L);
        Container item = ContainerOut.item(container);
        assertThat(item.getImageRef()).isEqualTo("nginx@sha256:9");
        assertThat(item.getImageId()).isEqualTo("sha256:1234");
        assertThat(item.getPodSandboxId()).isEqualTo(Records.id(1));
    }

    /** A state, and what is shown of it. */
    record Life(ContainerState state, String shown, long startedAt, long finishedAt, int code, String reason) {}

    static List<Life> lives() {
        var prepared = Records.PREPARED;
        ContainerState created = new ContainerState.Created(prepared);
        ContainerState stopping = new ContainerState.Stopping(prepared, 5_000, 5_500, 5_600, true);
        ContainerState failed = new ContainerState.Exited(prepared, 0, Outcome.startError(7_000, "no such file"));
        ContainerState lost = new ContainerState.Exited(null, 0, Outcome.unknown(7_000, "lost"));
        return List.of(
                new Life(created, "CONTAINER_CREATED", 0, 0, 0, ""),
                new Life(new ContainerState.Starting(prepared), "CONTAINER_CREATED", 0, 0, 0, ""),
                new Life(new ContainerState.Running(prepared, 5_000), "CONTAINER_RUNNING", 5_000, 0, 0, ""),
                new Life(stopping, "CONTAINER_RUNNING", 5_000, 0, 0, ""),
                new Life(EXITED, "CONTAINER_EXITED", 5_000, 6_000, 137, "OOMKilled"),
                new Life(failed, "CONTAINER_EXITED", 0, 7_000, 128, "StartError"),
                new Life(lost, "CONTAINER_EXITED", 0, 7_000, 255, "Unknown"),
                new Life(new ContainerState.Removing(EXITED), "CONTAINER_EXITED", 5_000, 6_000, 137, "OOMKilled"),
                new Life(new ContainerState.Removing(created), "CONTAINER_CREATED", 0, 0, 0, ""));
    }

    @ParameterizedTest
    @MethodSource("lives")
    void each_state_shows_what_is_true_in_it(Life life) {
        ContainerStatus status = ContainerOut.status(Records.container(2, 1, Samples.CONTAINER, life.state()), "/l");
        assertThat(status.getState().name()).isEqualTo(life.shown());
        assertThat(status.getStartedAt()).isEqualTo(life.startedAt());
        assertThat(status.getFinishedAt()).isEqualTo(life.finishedAt());
        assertThat(status.getExitCode()).isEqualTo(life.code());
        assertThat(status.getReason()).isEqualTo(life.reason());
    }

    @Test
    void without_a_wish_of_its_own_a_container_is_stopped_as_its_image_says_or_with_sigterm() {
        CreateContainerRequest request = Samples.container(ContainerConfig.Builder::clearStopSignal);
        var running = new ContainerState.Running(Records.PREPARED, 1);
        assertThat(ContainerOut.status(Records.container(2, 1, request, running, new Signal(3)), "")
                        .getStopSignal())
                .isEqualTo(dev.coracle.proto.v1.Signal.SIGNAL_SIGQUIT);
        ContainerStatus status = ContainerOut.status(Records.container(2, 1, request, running), "");
        assertThat(status.getStopSignal()).isEqualTo(dev.coracle.proto.v1.Signal.SIGNAL_SIGTERM);
        assertThat(status.getLogPath())
                .as("without a log directory there is no log")
                .isEmpty();
    }

    @Test
    @Field(value = "PsiData.Total", does = "ns in which processes waited, since the group was made")
    @Field(value = "PsiData.Avg10", does = "percent of the last 10 s")
    @Field(value = "PsiData.Avg60", does = "percent of the last 60 s")
    @Field(value = "PsiData.Avg300", does = "percent of the last 300 s")
    void pressure_is_told_of_some_and_of_all() {
        var psi = StatsOut.psi(PSI);
        assertThat(psi.getSome().getTotal()).isEqualTo(1);
        assertThat(psi.getSome().getAvg10()).isEqualTo(2);
        assertThat(psi.getSome().getAvg60()).isEqualTo(3);
        assertThat(psi.getSome().getAvg300()).isEqualTo(4);
        assertThat(psi.getFull().getTotal()).isEqualTo(5);
        assertThat(psi.getFull().getAvg300()).isEqualTo(8);
    }

    @Test
    void the_interface_with_the_pods_address_is_the_default_one_and_not_repeated() {
        GroupUsage group = new GroupUsage(
                new CpuUsage(1, 2, null, null), new MemoryUsage(4, 5, null, 7, 8, 9, 10, null), null, null);
        PodRecord pod = Records.pod(1, Samples.POD);
        var network = PodStatsOut.pod(new PodUsage(pod, group, 18, NETWORK, List.of()))
                .getLinux()
                .getNetwork();
        assertThat(network.getDefaultInterface().getName()).isEqualTo("eth0");
        assertThat(network.getDefaultInterface().getRxBytes().getValue()).isEqualTo(11);
        assertThat(network.getDefaultInterface().getTxErrors().getValue()).isEqualTo(17);
        assertThat(network.getInterfacesList())
                .singleElement()
                .satisfies(other -> assertThat(other.getName()).isEqualTo("net1"));
        assertThat(PodStatsOut.pod(new PodUsage(pod, group, 18, List.of(), List.of()))
                        .getLinux()
                        .hasNetwork())
                .as("on the host's network")
                .isFalse();
    }

    @Test
    void what_was_not_measured_is_absent() {
        GroupUsage group = new GroupUsage(
                new CpuUsage(1, 2, null, null), new MemoryUsage(4, 5, null, 7, 8, 9, 10, null), null, null);
        ContainerRecord container = Records.container(2, 1, Samples.CONTAINER, EXITED);
        ContainerStats stats = StatsOut.container(new ContainerUsage(container, group, null));
        assertThat(stats.getCpu().hasUsageNanoCores()).isFalse();
        assertThat(stats.getCpu().hasPsi()).isFalse();
        assertThat(stats.getMemory().hasAvailableBytes()).isFalse();
        assertThat(stats.hasSwap()).isFalse();
        assertThat(stats.hasIo()).isFalse();
        assertThat(stats.hasWritableLayer()).isFalse();
        assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isEqualTo(5);
    }
}
