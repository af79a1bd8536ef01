package dev.coracle.store;

import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerMetadata;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceNode;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.Dns;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.Protocol;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.Signal;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserNamespace;
import dev.coracle.spec.UserRequest;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import dev.coracle.state.VolumeImage;
import dev.coracle.state.VolumeSource;
import java.util.List;
import java.util.Map;

/** Specs and records with something in every field. */
public final class Samples {
    public static final PodId POD = new PodId("1".repeat(64));
    public static final ContainerId CONTAINER = new ContainerId("a".repeat(64));
    public static final Prepared PREPARED = new Prepared(
            new ResolvedUser(1000, 1000, List.of(5L, 6L), "/home/web"), List.of(new VolumeSource("/d", true)));

    private static final Resources RESOURCES = new Resources(
            100_000,
            50_000,
            512,
            1L << 40,
            1L << 41,
            -997,
            "0-3",
            "0",
            100,
            List.of(new HugepageLimit("2MB", 4096)),
            Map.of("memory.oom.group", "1"));

    private static final SelinuxLabel LABEL = new SelinuxLabel("u", "r", "t", "l");
    private static final UserRequest USER =
            new UserRequest(1L, 0L, "web", List.of(7L), SupplementalGroupsPolicy.STRICT);

    private Samples() {}

    public static PodRecord pod() {
        return PodRecord.intended(POD, sandbox(), 1_700_000_000_000_000_001L);
    }

    public static ContainerRecord container() {
        ImageConfig config = new ImageConfig(
                "web",
                List.of(new EnvVar("PATH", "/bin")),
                List.of("/start"),
                List.of("-x"),
                "/srv",
                Signal.TERM,
                List.of("/data"),
                Map.of("a", "b"));
        return ContainerRecord.intended(
                        CONTAINER,
                        POD,
                        containerSpec(),
                        new ContainerImage(
                                "sha256:1",
                                "busybox@sha256:2",
                                config,
                                List.of(new VolumeImage("sha256:3", "models@sha256:4"))),
                        1_700_000_000_000_000_002L)
                .with(edits());
    }

    private static ContainerEdits edits() {
        return new ContainerEdits(
                List.of(new EnvVar("A", "b")),
                List.of(
                        new DeviceNode("/dev/a", "/dev/b", "c", 1, 2, 0600, "rw", 3L, 4L),
                        new DeviceNode("/dev/c", "/dev/c", "", null, null, null, "rwm", null, null)),
                List.of(MountSpec.bind("/usr/lib/x", "/lib/x", true, Propagation.PRIVATE)),
                List.of(new Hook(
                        Hook.Stage.CREATE_CONTAINER,
                        "/bin/hook",
                        List.of("hook", "x"),
                        List.of(new EnvVar("C", "d")),
                        5)),
                List.of(44L));
    }

    public static SandboxSpec sandbox() {
        return new SandboxSpec(
                new PodMetadata("web", "uid-1", "default", 3),
                "web",
                "/var/log/pods/web",
                new Dns(List.of("10.0.0.10"), List.of("cluster.local"), List.of("ndots:5")),
                List.of(new PortMapping(Protocol.UDP, 53, 5353, "127.0.0.1")),
                Map.of("app", "web", "tier", "\u00fc\n\"\u0000"),
                Map.of("z", "1", "a", "2"),
                "/kubepods/burstable/podx",
                Map.of("net.ipv4.ip_forward", "1"),
                new SandboxSecurity(
                        namespaces(),
                        LABEL,
                        USER,
                        true,
                        true,
                        SecurityProfile.RUNTIME_DEFAULT,
                        SecurityProfile.UNCONFINED),
                RESOURCES,
                RESOURCES,
                "runc");
    }

    private static NamespaceModes namespaces() {
        IdMapping ids = new IdMapping(1, 100_000, 65_536);
        return new NamespaceModes(
                NamespaceMode.NODE,
                NamespaceMode.TARGET,
                NamespaceMode.NODE,
                "abc",
                new UserNamespace(List.of(ids), List.of(ids)));
    }

    public static ContainerSpec containerSpec() {
        return new ContainerSpec(
                new ContainerMetadata("web", 4),
                new ImageRequest("sha256:1", "example.com/web:1"),
                List.of("/bin/sh"),
                List.of("-c", "echo \u2603"),
                "/work",
                List.of(new EnvVar("A", "B=C")),
                List.of(mountSpec()),
                List.of(new DeviceSpec("/dev/a", "/dev/b", "rw")),
                List.of("v/c=d"),
                Map.of("l", "1"),
                Map.of("m", "2"),
                "web/4.log",
                true,
                true,
                true,
                new Signal(34),
                RESOURCES,
                new ContainerSecurity(
                        new CapabilityRequest(List.of("NET_ADMIN"), List.of("ALL"), List.of("CHOWN")),
                        true,
                        namespaces(),
                        LABEL,
                        USER,
                        true,
                        true,
                        List.of("/proc/kcore"),
                        List.of("/proc/sys"),
                        new SecurityProfile.Localhost("/p.json"),
                        SecurityProfile.RUNTIME_DEFAULT));
    }

    private static MountSpec mountSpec() {
        return new MountSpec(
                "/in",
                "/out",
                true,
                true,
                Propagation.BIDIRECTIONAL,
                true,
                List.of(new IdMapping(1, 2, 3)),
                List.of(new IdMapping(4, 5, 6)),
                new ImageVolume("i", "sub"),
                List.of("noexec"),
                true);
    }
}
