package dev.coracle.e2e;

import com.google.protobuf.ByteString;
import dev.coracle.proto.v1.Capability;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.ContainerMetadata;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.Int64Value;
import dev.coracle.proto.v1.KeyValue;
import dev.coracle.proto.v1.LinuxContainerConfig;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.MountPropagation;
import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.SecurityProfile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Builds the request for a container in the form that a kubelet sends. */
public final class Containers {
    private static final List<String> MASKED = List.of(
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
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final ContainerConfig.Builder config = ContainerConfig.newBuilder();
    private final LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder()
            .setCpuPeriod(100_000)
            .setCpuShares(2)
            .setOomScoreAdj(1000);
    private final LinuxContainerSecurityContext.Builder security = LinuxContainerSecurityContext.newBuilder()
            .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.RuntimeDefault))
            .addAllMaskedPaths(MASKED)
            .addAllReadonlyPaths(READ_ONLY);

    private Containers(String image) {
        config.setImage(ImageSpec.newBuilder().setImage(image).setUserSpecifiedImage(image));
    }

    /** A container of an image: its entry point unless a command is given. */
    public static Containers of(String image) {
        return new Containers(image).named("main");
    }

    /** The image by its id, as a kubelet names it after the pull; the user's name for it stays. */
    public Containers imageId(String id) {
        config.setImage(config.getImage().toBuilder().setImage(id));
        return this;
    }

    public Containers named(String name) {
        config.setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt()));
        return this;
    }

    public Containers attempt(int attempt) {
        config.setMetadata(config.getMetadata().toBuilder().setAttempt(attempt));
        return this;
    }

    private int attempt() {
        return config.getMetadata().getAttempt();
    }

    public Containers command(String... command) {
        config.clearCommand().addAllCommand(List.of(command));
        return this;
    }

    public Containers args(String... args) {
        config.clearArgs().addAllArgs(List.of(args));
        return this;
    }

    /** A busybox shell script. */
    public Containers script(String script) {
        return command("sh", "-c", script);
    }

    public Containers workingDir(String dir) {
        config.setWorkingDir(dir);
        return this;
    }

    public Containers env(String key, String value) {
        config.addEnvs(KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFrom(value, StandardCharsets.UTF_8)));
        return this;
    }

    public Containers label(String key, String value) {
        config.putLabels(key, value);
        return this;
    }

    public Containers annotation(String key, String value) {
        config.putAnnotations(key, value);
        return this;
    }

    public Containers mount(Path host, String container) {
        return mount(host, container, m -> {});
    }

    public Containers mount(Path host, String container, Consumer<Mount.Builder> change) {
        Mount.Builder mount = Mount.newBuilder()
                .setHostPath(host.toString())
                .setContainerPath(container)
                .setPropagation(MountPropagation.PROPAGATION_PRIVATE);
        change.accept(mount);
        config.addMounts(mount);
        return this;
    }

    public Containers memory(long mib) {
        resources.setMemoryLimitInBytes(mib << 20);
        return this;
    }

    public Containers resources(Consumer<LinuxContainerResources.Builder> change) {
        change.accept(resources);
        return this;
    }

    public Containers security(Consumer<LinuxContainerSecurityContext.Builder> change) {
        change.accept(security);
        return this;
    }

    public Containers user(long uid, long gid) {
        security.setRunAsUser(Int64Value.newBuilder().setValue(uid));
        security.setRunAsGroup(Int64Value.newBuilder().setValue(gid));
        return this;
    }

    public Containers addCapability(String name) {
        security.setCapabilities(capabilities().addAddCapabilities(name));
        return this;
    }

    public Containers dropCapability(String name) {
        security.setCapabilities(capabilities().addDropCapabilities(name));
        return this;
    }

    private Capability.Builder capabilities() {
        return security.getCapabilities().toBuilder();
    }

    public Containers privileged() {
        security.setPrivileged(true).clearMaskedPaths().clearReadonlyPaths().clearSeccomp();
        return this;
    }

    /** With a standard input; {@code once}: it ends with the first client that has written to it. */
    public Containers stdin(boolean once) {
        config.setStdin(true).setStdinOnce(once);
        return this;
    }

    public Containers tty() {
        config.setTty(true).setStdin(true);
        return this;
    }

    /** The log file below the pod's log folder. */
    public String logPath() {
        return config.getMetadata().getName() + "/" + attempt() + ".log";
    }

    public ContainerConfig in(PodSandboxConfig pod) {
        return in(pod, c -> {});
    }

    /** The request for a container of this pod, after a last change that a kubelet would not make. */
    public ContainerConfig in(PodSandboxConfig pod, Consumer<ContainerConfig.Builder> change) {
        NamespaceOption namespaces = pod.getLinux().getSecurityContext().getNamespaceOptions();
        ContainerConfig.Builder built = config.clone()
                .setLogPath(logPath())
                .putLabels("io.kubernetes.container.name", config.getMetadata().getName())
                .putLabels("io.kubernetes.pod.name", pod.getMetadata().getName())
                .putLabels("io.kubernetes.pod.namespace", pod.getMetadata().getNamespace())
                .putLabels("io.kubernetes.pod.uid", pod.getMetadata().getUid())
                .putAnnotations("io.kubernetes.container.hash", "6a0c3f1b")
                .putAnnotations("io.kubernetes.container.restartCount", String.valueOf(attempt()))
                .putAnnotations("io.kubernetes.container.terminationMessagePath", "/dev/termination-log")
                .putAnnotations("io.kubernetes.container.terminationMessagePolicy", "File")
                .putAnnotations("io.kubernetes.pod.terminationGracePeriod", "30")
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(resources)
                        .setSecurityContext(security.clone().setNamespaceOptions(namespaces)));
        change.accept(built);
        return built.build();
    }
}
