package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerMetadata;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.UserNamespace;
import dev.coracle.spec.UserRequest;
import dev.coracle.state.Prepared;
import dev.coracle.state.VolumeSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A pod and a container to vary: every test changes what it is about. Mutable, one thread. */
final class Samples {
    static final PodId POD = new PodId("0d".repeat(32));
    static final ContainerId CONTAINER = new ContainerId("c0".repeat(32));
    static final ContainerId OTHER = new ContainerId("a1".repeat(32));

    /** What the kubelet names for every container that is not unmasked. */
    static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    static final List<String> READONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** What a kubelet gives the second pod of a node. */
    static final UserNamespace USER_NAMESPACE =
            new UserNamespace(List.of(new IdMapping(0, 100_000, 65_536)), List.of(new IdMapping(0, 100_000, 65_536)));

    NamespaceModes podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD);
    NamespaceModes modes = podModes;
    String cgroupParent = "/kubepods/burstable/pod42";
    Map<String, String> sysctls = Map.of();
    String hostname = "web-0";
    boolean privileged;
    String directory = "/run/coracle/pods/" + POD;
    String netns = "/run/netns/coracle-" + POD;

    List<String> command = List.of("/bin/server");
    List<String> args = List.of("--port", "80");
    String workingDir = "";
    List<EnvVar> envs = List.of(new EnvVar("MODE", "test"));
    List<MountSpec> mounts = List.of();
    List<DeviceSpec> devices = List.of();
    boolean stdin;
    boolean tty;
    boolean readonlyRootfs;
    boolean noNewPrivs;
    Resources resources = Resources.NONE;
    CapabilityRequest capabilities = CapabilityRequest.NONE;
    List<String> masked = MASKED;
    List<String> readonly = READONLY;
    SecurityProfile seccomp = SecurityProfile.UNCONFINED;
    UserRequest user = UserRequest.NONE;
    ImageConfig image = new ImageConfig(
            "",
            List.of(new EnvVar("PATH", "/usr/bin:/bin"), new EnvVar("MODE", "image")),
            List.of("/entry"),
            List.of("cmd"),
            "",
            null,
            List.of(),
            Map.of());

    ResolvedUser resolved = new ResolvedUser(0, 0, List.of(0L), "/root");
    List<VolumeSource> sources = List.of();
    List<Peering> peerings = List.of();
    List<VolumeLayers> images = List.of();
    List<HostDevice> hostDevices = List.of();

    @Nullable
    SeccompFilter filter;

    String apparmor = "";

    @Nullable
    SelinuxLabel podLabel;

    @Nullable
    SelinuxLabel label;

    List<Hook> hooks = List.of();
    String logPath = "/var/log/pods/default_web-0_42/web/0.log";

    /** A filter that allows everything. */
    static SeccompFilter allowAll() {
        return new SeccompFilter(Bytes.of(new byte[] {6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f}), Set.of());
    }

    static NamespaceModes in(UserNamespace user, NamespaceMode network, NamespaceMode pid) {
        return new NamespaceModes(network, pid, NamespaceMode.POD, null, user);
    }

    /** A volume at {@code /mapped} with the ids of {@link #USER_NAMESPACE}. */
    static MountSpec mapped(String hostPath) {
        return new MountSpec(
                "/mapped",
                hostPath,
                false,
                false,
                Propagation.PRIVATE,
                false,
                USER_NAMESPACE.uids(),
                USER_NAMESPACE.gids(),
                null,
                List.of(),
                false);
    }

    /** Gives the pod a user namespace of its own. */
    void own(UserNamespace user) {
        podModes = in(user, NamespaceMode.POD, NamespaceMode.CONTAINER);
        modes = podModes;
    }

    SandboxSpec sandbox() {
        return new SandboxSpec(
                new PodMetadata("web-0", "42", "default", 0),
                hostname,
                "/var/log/pods/default_web-0_42",
                null,
                List.of(),
                Map.of(),
                Map.of(),
                cgroupParent,
                sysctls,
                new SandboxSecurity(
                        podModes,
                        podLabel,
                        UserRequest.NONE,
                        false,
                        privileged,
                        SecurityProfile.RUNTIME_DEFAULT,
                        SecurityProfile.RUNTIME_DEFAULT),
                Resources.NONE,
                Resources.NONE,
                "");
    }

    PodPlace pod() {
        return new PodPlace(POD, sandbox(), directory, netns);
    }

    ContainerSpec container() {
        return new ContainerSpec(
                new ContainerMetadata("web", 0),
                new ImageRequest("sha256:" + "ab".repeat(32), "registry.example/web:1"),
                command,
                args,
                workingDir,
                envs,
                mounts,
                devices,
                List.of(),
                Map.of(),
                Map.of(),
                "web/0.log",
                stdin,
                false,
                tty,
                null,
                resources,
                new ContainerSecurity(
                        capabilities,
                        privileged,
                        modes,
                        label,
                        user,
                        readonlyRootfs,
                        noNewPrivs,
                        masked,
                        readonly,
                        seccomp,
                        SecurityProfile.UNCONFINED));
    }

    ContainerOrder order() {
        return new ContainerOrder(CONTAINER, pod(), container(), image);
    }

    StartFacts facts() {
        return new StartFacts(
                new Prepared(resolved, sources), peerings, images, hostDevices, filter, apparmor, hooks, logPath);
    }

    ExecOrder exec(String... command) {
        return new ExecOrder("e1", order(), resolved, List.of(command), stdin, tty, filter, apparmor);
    }

    /** Layers named as the store names them: the shorter, the more fit. */
    static Layers layers(int count) {
        List<String> names = IntStream.range(0, count).mapToObj(i -> "n" + i).toList();
        String writable = "/var/lib/coracle/writable/" + CONTAINER;
        return new Layers("/var/lib/coracle/layers", names, writable + "/upper", writable + "/work", Layers.Root.USUAL);
    }

    /** An image that says nothing but where it wants to write. */
    static ImageConfig withVolumes(String... paths) {
        return new ImageConfig("", List.of(), List.of("/entry"), List.of(), "", null, List.of(paths), Map.of());
    }

    /** Adds a volume, a directory unless its name has a dot. */
    Samples volume(MountSpec mount, Peering peering) {
        mounts = append(mounts, mount);
        sources = append(
                sources, new VolumeSource(mount.hostPath(), !mount.hostPath().contains(".")));
        peerings = append(peerings, peering);
        return this;
    }

    static MountSpec imageMount(String containerPath, String subPath, List<String> options) {
        return new MountSpec(
                containerPath,
                "",
                true,
                false,
                Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                new ImageVolume("models:1", subPath),
                options,
                false);
    }

    /** A volume that is read-only with all that is mounted below it. */
    static MountSpec readonlyTree(String hostPath, String containerPath, List<String> options) {
        return new MountSpec(
                containerPath,
                hostPath,
                true,
                true,
                Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                null,
                options,
                false);
    }

    /** Adds an image as a volume, whose part is a directory unless its name has a dot. */
    Samples image(String containerPath, String subPath, VolumeLayers layers, List<String> options) {
        mounts = append(mounts, imageMount(containerPath, subPath, options));
        sources = append(sources, new VolumeSource("/" + subPath, !subPath.contains(".")));
        peerings = append(peerings, Peering.PRIVATE);
        images = append(images, layers);
        return this;
    }

    private static <T> List<T> append(List<T> list, T more) {
        return Stream.concat(list.stream(), Stream.of(more)).toList();
    }
}
