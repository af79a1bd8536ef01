package dev.coracle.e2e;

import dev.coracle.proto.v1.DNSConfig;
import dev.coracle.proto.v1.LinuxPodSandboxConfig;
import dev.coracle.proto.v1.LinuxSandboxSecurityContext;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxMetadata;
import dev.coracle.proto.v1.PortMapping;
import dev.coracle.proto.v1.Protocol;
import dev.coracle.proto.v1.SecurityProfile;
import dev.coracle.proto.v1.UserNamespace;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;

/** Builds the request for a pod in the form that a kubelet sends. */
public final class Pods {
    private static final String NAMESPACE = "default";

    private final PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder();
    private final LinuxPodSandboxConfig.Builder linux = LinuxPodSandboxConfig.newBuilder();
    private final LinuxSandboxSecurityContext.Builder security = LinuxSandboxSecurityContext.newBuilder()
            .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.RuntimeDefault));
    private final NamespaceOption.Builder namespaces =
            NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER);

    private Pods(String name, String uid) {
        config.setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setUid(uid)
                        .setNamespace(NAMESPACE)
                        .setAttempt(0))
                .setHostname(name)
                .putLabels("io.kubernetes.pod.name", name)
                .putLabels("io.kubernetes.pod.uid", uid)
                .putLabels("io.kubernetes.pod.namespace", NAMESPACE)
                .putAnnotations("kubernetes.io/config.seen", "2026-01-02T03:04:05.678901234Z")
                .putAnnotations("kubernetes.io/config.source", "file")
                .setDnsConfig(DNSConfig.newBuilder()
                        .addServers("10.96.0.10")
                        .addSearches("default.svc.cluster.local")
                        .addSearches("svc.cluster.local")
                        .addOptions("ndots:5"));
    }

    /** A pod with a network of its own and a new uid. */
    public static Pods named(String name) {
        return new Pods(name, UUID.randomUUID().toString());
    }

    /** Where a kubelet of this node would have the pod's cgroup and logs. */
    public Pods on(Node node) {
        return cgroupParent(node.cgroupParent() + "/besteffort/pod" + uid())
                .logsIn(node.dir().resolve("logs"));
    }

    public String uid() {
        return config.getMetadata().getUid();
    }

    public Pods cgroupParent(String parent) {
        linux.setCgroupParent(parent);
        return this;
    }

    /** The pod's logs go to a folder of its own in this one. */
    public Pods logsIn(Path dir) {
        PodSandboxMetadata m = config.getMetadata();
        config.setLogDirectory(dir.resolve(m.getNamespace() + "_" + m.getName() + "_" + m.getUid())
                .toString());
        return this;
    }

    public Pods hostNetwork() {
        namespaces.setNetwork(NamespaceMode.NODE);
        config.clearHostname();
        return this;
    }

    public Pods hostPid() {
        namespaces.setPid(NamespaceMode.NODE);
        return this;
    }

    public Pods hostIpc() {
        namespaces.setIpc(NamespaceMode.NODE);
        return this;
    }

    /** hostUsers: false. */
    public Pods userNamespace(UserNamespace.Builder user) {
        namespaces.setUsernsOptions(user);
        return this;
    }

    /** shareProcessNamespace: all containers see each other's processes. */
    public Pods sharedPid() {
        namespaces.setPid(NamespaceMode.POD);
        return this;
    }

    public Pods privileged() {
        security.setPrivileged(true);
        return this;
    }

    public Pods hostname(String name) {
        config.setHostname(name);
        return this;
    }

    public Pods attempt(int attempt) {
        config.setMetadata(config.getMetadata().toBuilder().setAttempt(attempt));
        return this;
    }

    public Pods label(String key, String value) {
        config.putLabels(key, value);
        return this;
    }

    public Pods annotation(String key, String value) {
        config.putAnnotations(key, value);
        return this;
    }

    public Pods sysctl(String key, String value) {
        linux.putSysctls(key, value);
        return this;
    }

    public Pods port(int container, int host) {
        config.addPortMappings(PortMapping.newBuilder()
                .setProtocol(Protocol.TCP)
                .setContainerPort(container)
                .setHostPort(host));
        return this;
    }

    public Pods security(Consumer<LinuxSandboxSecurityContext.Builder> change) {
        change.accept(security);
        return this;
    }

    public NamespaceOption namespaces() {
        return namespaces.build();
    }

    public PodSandboxConfig build() {
        return build(c -> {});
    }

    /** The request after a last change that a kubelet would not make. */
    public PodSandboxConfig build(Consumer<PodSandboxConfig.Builder> change) {
        PodSandboxConfig.Builder built = config.clone()
                .setLinux(linux.clone().setSecurityContext(security.clone().setNamespaceOptions(namespaces)));
        change.accept(built);
        return built.build();
    }
}
