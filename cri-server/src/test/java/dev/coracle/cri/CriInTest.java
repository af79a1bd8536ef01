package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.LinuxContainerConfig;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.Mount;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerMetadata;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.Dns;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.Protocol;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.Signal;
import dev.coracle.spec.SupplementalGroupsPolicy;
import dev.coracle.spec.UserNamespace;
import dev.coracle.spec.UserRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each value of a request arrives where it belongs; what is wrong is refused with the name of its field. */
final class CriInTest {
    private static final Resources SMALL = new Resources(0, 0, 0, 1048576, 0, 0, "", "", 0, List.of(), Map.of());
    private static final Resources SHARES = new Resources(0, 0, 512, 0, 0, 0, "", "", 0, List.of(), Map.of());

    private static final String BAD_PODS = """
        metadata { name: '' } | config.metadata.name: empty
        metadata { uid: '' } | config.metadata.uid: empty
        metadata { namespace: '' } | config.metadata.namespace: empty
        hostname: '-x' | config.hostname: not a host name
        hostname: 'a b' | config.hostname: not a host name
        log_directory: 'logs' | config.log_directory: not an absolute path: logs
        dns_config { searches: 'a\\nnameserver 6.6.6.6' } | config.dns_config.searches[1]: holds white space
        port_mappings { host_port: 70000 container_port: 1 } | config.port_mappings[1].host_port: 70000 is not between 1 and 65535
        port_mappings { host_port: 1 } | config.port_mappings[1].container_port: 0 is not between
        port_mappings { host_port: 1 container_port: 1 host_ip: 'localhost' } | config.port_mappings[1].host_ip: not an IP address: localhost
        linux { cgroup_parent: '/a/../b' } | config.linux.cgroup_parent: holds '..'
        linux { sysctls { key: '../x' value: '1' } } | config.linux.sysctls[../x]: holds '..'
        linux { sysctls { key: '/proc' value: '1' } } | config.linux.sysctls[/proc]: not the name of a sysctl
        linux { security_context { namespace_options { network: CONTAINER } } } | config.linux.security_context.namespace_options.network: CONTAINER is neither POD nor NODE
        linux { security_context { namespace_options { pid: TARGET target_id: 'x' } } } | config.linux.security_context.namespace_options.pid: TARGET is for containers only
        linux { security_context { namespace_options { userns_options { uids { length: 1 } } } } } | config.linux.security_context.namespace_options.userns_options.uids: 2 ranges
        linux { security_context { run_as_user { value: -1 } } } | config.linux.security_context.run_as_user: -1 is not between 0 and 4294967294
        linux { security_context { supplemental_groups: 4294967295 } } | config.linux.security_context.supplemental_groups[1]: 4294967295 is not
        linux { overhead { cpu_period: 5 } } | config.linux.overhead.cpu_period: 5 is not between 1000 and 1000000
        """;

    private static final String BAD_CONTAINERS = """
        metadata { name: '' } | config.metadata.name: empty
        image { image: '' } | config.image.image: empty
        args: 'a\\000b' | config.args[1]: holds a NUL character
        working_dir: 'srv' | config.working_dir: not an absolute path: srv
        envs { key: '' } | config.envs[1].key: empty
        envs { key: 'A=B' } | config.envs[1].key: holds '=': A=B
        envs { key: 'A' value: '\\377' } | config.envs[1].value: not UTF-8
        mounts { container_path: 'x' } | config.mounts[3].container_path: not an absolute path: x
        mounts { container_path: '/x' } | config.mounts[3].host_path: empty
        mounts { container_path: '/x' host_path: 'y' } | config.mounts[3].host_path: not an absolute path: y
        mounts { container_path: '/x' host_path: '/y' image { image: 'z' } } | config.mounts[3].host_path: given together with image
        mounts { container_path: '/x' image { image: 'z' } image_sub_path: '../up' } | config.mounts[3].image_sub_path: holds '..'
        mounts { container_path: '/x' host_path: '/y' recursive_read_only: true } | config.mounts[3].recursive_read_only: needs readonly
        mounts { container_path: '/x' host_path: '/y' readonly: true recursive_read_only: true propagation: PROPAGATION_BIDIRECTIONAL } | config.mounts[3].recursive_read_only: needs PROPAGATION_PRIVATE
        mounts { container_path: '/x' host_path: '/y' mount_options: 'suid' } | config.mounts[3].mount_options[0]: not one of noexec, nodev, nosuid: suid
        mounts { container_path: '/x' host_path: '/y' uidMappings { length: 0 } } | config.mounts[3].uidMappings[0].length: 0 is not between
        devices { container_path: '/dev/x' host_path: '/dev/x' permissions: 'rx' } | config.devices[1].permissions: not of the letters r, w, m: rx
        log_path: '/etc/passwd' | config.log_path: not a relative path: /etc/passwd
        log_path: 'a/../../b' | config.log_path: holds '..'
        linux { resources { cpu_quota: -2 } } | config.linux.resources.cpu_quota: -2 is not between
        linux { resources { memory_swap_limit_in_bytes: 1 } } | config.linux.resources.memory_swap_limit_in_bytes: 1 is less than memory_limit_in_bytes, 1048576
        linux { resources { oom_score_adj: 1001 } } | config.linux.resources.oom_score_adj: 1001 is not between -1000 and 1000
        linux { resources { cpuset_cpus: '0;1' } } | config.linux.resources.cpuset_cpus: not a list such as 0-3,7: 0;1
        linux { resources { hugepage_limits { page_size: '2M' } } } | config.linux.resources.hugepage_limits[1].page_size: not a size
        linux { resources { unified { key: '../x.y' value: '' } } } | config.linux.resources.unified[../x.y]: not the name of a cgroup file
        linux { security_context { namespace_options { target_id: '' } } } | config.linux.security_context.namespace_options.target_id: empty, while pid is TARGET
        linux { security_context { namespace_options { network: TARGET } } } | config.linux.security_context.namespace_options.network: TARGET is neither POD nor NODE
        linux { security_context { masked_paths: 'proc' } } | config.linux.security_context.masked_paths[1]: not an absolute path: proc
        linux { security_context { seccomp { localhost_ref: '' } } } | config.linux.security_context.seccomp.localhost_ref: empty
        linux { security_context { seccomp { profile_type: RuntimeDefault } } } | config.linux.security_context.seccomp.localhost_ref: given, while profile_type is RuntimeDefault
        linux { security_context { capabilities { add_capabilities: '' } } } | config.linux.security_context.capabilities.add_capabilities[1]: empty
        """;

    @Test
    void every_value_of_a_pod_arrives() {
        NamespaceModes namespaces = new NamespaceModes(
                NamespaceMode.POD,
                NamespaceMode.CONTAINER,
                NamespaceMode.POD,
                null,
                new UserNamespace(List.of(new IdMapping(0, 100000, 65536)), List.of(new IdMapping(0, 200000, 65536))));
        SandboxSecurity security = new SandboxSecurity(
                namespaces,
                new SelinuxLabel("u", "r", "t", "s0:c1"),
                new UserRequest(1000L, 1001L, "", List.of(7L), SupplementalGroupsPolicy.STRICT),
                true,
                true,
                new SecurityProfile.Localhost("/profiles/pod.json"),
                new SecurityProfile.Localhost("pod-profile"));
        assertThat(CriIn.sandboxSpec(Samples.POD))
                .isEqualTo(new SandboxSpec(
                        new PodMetadata("web-0", "uid-1", "shop", 4294967295L),
                        "web-0",
                        "/var/log/pods/shop_web-0_uid-1",
                        new Dns(List.of("10.0.0.10"), List.of("shop.svc"), List.of("ndots:5")),
                        List.of(new PortMapping(Protocol.SCTP, 80, 8080, "127.0.0.1")),
                        Map.of("app", "web"),
                        Map.of("note", "a\nb"),
                        "/kubepods/burstable/poduid-1",
                        Map.of("net.ipv4.ip_forward", "1"),
                        security,
                        SMALL,
                        SHARES,
                        "special"));
    }

    @Test
    void every_value_of_a_container_arrives() {
        ContainerSpec spec = CriIn.containerSpec(Samples.CONTAINER);
        assertThat(spec)
                .isEqualTo(new ContainerSpec(
                        new ContainerMetadata("web", 3),
                        new ImageRequest("sha256:1234", "nginx:1"),
                        List.of("/bin/sh"),
                        List.of("-c"),
                        "/srv",
                        List.of(new EnvVar("GREETING", "grün")),
                        mounts(),
                        List.of(new DeviceSpec("/dev/fuse", "/dev/fuse0", "rw")),
                        List.of("vendor.com/gpu=0"),
                        Map.of("app", "web"),
                        Map.of("note", "x"),
                        "web/3.log",
                        true,
                        true,
                        true,
                        new Signal(37),
                        resources(),
                        security()));
    }

    private static List<MountSpec> mounts() {
        return List.of(
                new MountSpec(
                        "/data",
                        "/mnt/data",
                        false,
                        false,
                        Propagation.BIDIRECTIONAL,
                        true,
                        List.of(new IdMapping(6, 5, 7)),
                        List.of(new IdMapping(9, 8, 10)),
                        null,
                        List.of("noexec"),
                        false),
                new MountSpec(
                        "/ro",
                        "/mnt/ro",
                        true,
                        true,
                        Propagation.PRIVATE,
                        false,
                        List.of(),
                        List.of(),
                        null,
                        List.of(),
                        false),
                new MountSpec(
                        "/model",
                        "",
                        true,
                        false,
                        Propagation.PRIVATE,
                        false,
                        List.of(),
                        List.of(),
                        new ImageVolume("sha256:5678", "weights"),
                        List.of(),
                        false));
    }

    private static Resources resources() {
        return new Resources(
                100000,
                50000,
                512,
                1048576,
                2097152,
                900,
                "0-1,3",
                "0",
                0,
                List.of(new HugepageLimit("2MB", 4194304)),
                Map.of("memory.high", "900000"));
    }

    private static ContainerSecurity security() {
        return new ContainerSecurity(
                new CapabilityRequest(List.of("NET_ADMIN"), List.of("ALL"), List.of("CHOWN")),
                true,
                new NamespaceModes(NamespaceMode.POD, NamespaceMode.TARGET, NamespaceMode.POD, "other", null),
                new SelinuxLabel("u", "r", "t", "s0"),
                new UserRequest(4294967294L, 1001L, "www", List.of(7L), SupplementalGroupsPolicy.STRICT),
                true,
                true,
                List.of("/proc/kcore"),
                List.of("/proc/sys"),
                new SecurityProfile.Localhost("/profiles/web.json"),
                new SecurityProfile.Localhost("web"));
    }

    @Test
    void an_older_client_names_its_profiles_in_the_old_fields() {
        assertThat(CriIn.sandboxSpec(Samples.OLD_HOST_POD).security().seccomp())
                .isEqualTo(new SecurityProfile.Localhost("/profiles/old.json"));
        ContainerSecurity container =
                CriIn.containerSpec(Samples.OLD_HOST_CONTAINER).security();
        assertThat(container.seccomp()).isEqualTo(SecurityProfile.RUNTIME_DEFAULT);
        assertThat(container.apparmor()).isEqualTo(SecurityProfile.RUNTIME_DEFAULT);
    }

    @Test
    void no_profile_means_unconfined_by_seccomp_and_the_default_by_apparmor() {
        CreateContainerRequest request = secured(s -> s.clearSeccomp().clearApparmor());
        ContainerSecurity security = CriIn.containerSpec(request).security();
        assertThat(security.seccomp()).isEqualTo(SecurityProfile.UNCONFINED);
        assertThat(security.apparmor()).isEqualTo(SecurityProfile.DEFAULT_IF_ANY);
    }

    /** As kubelets send a volume that the pod wants with a subPath. */
    @Test
    void a_path_in_an_image_means_nothing_without_an_image() {
        CreateContainerRequest request = Samples.container(config -> config.addMounts(Mount.newBuilder()
                .setContainerPath("/part")
                .setHostPath("/subpath/0")
                .setImageSubPath("part")));
        MountSpec mount = CriIn.containerSpec(request).mounts().getLast();
        assertThat(mount.hostPath()).isEqualTo("/subpath/0");
        assertThat(mount.image()).isNull();
    }

    @Test
    void a_port_without_a_host_port_is_not_mapped() {
        RunPodSandboxRequest request = pod("port_mappings { container_port: 9090 }");
        assertThat(CriIn.sandboxSpec(request).portMappings()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(dev.coracle.proto.v1.Signal.class)
    void every_signal_of_the_contract_is_one_of_the_kernel(dev.coracle.proto.v1.Signal signal) {
        if (signal == dev.coracle.proto.v1.Signal.UNRECOGNIZED) {
            return;
        }
        FieldPath at = FieldPath.of("stop_signal");
        Signal read = SignalNames.read(signal, at);
        if (signal == dev.coracle.proto.v1.Signal.SIGNAL_RUNTIME_DEFAULT) {
            assertThat(read).isNull();
        } else {
            assertThat(read).isNotNull();
            // Aliases (SIGIOT, SIGCLD, SIGPOLL) come back under the usual name, which means the same.
            assertThat(SignalNames.read(SignalNames.write(read), at)).isEqualTo(read);
        }
    }

    @ParameterizedTest
    @CsvSource({"SIGNAL_SIGTERM, 15", "SIGNAL_SIGRTMIN, 34", "SIGNAL_SIGRTMAXMINUS14, 50", "SIGNAL_SIGRTMAX, 64"})
    void signals_have_their_numbers(dev.coracle.proto.v1.Signal signal, int number) {
        assertThat(SignalNames.read(signal, FieldPath.of("x"))).isEqualTo(new Signal(number));
    }

    @ParameterizedTest
    @CsvSource({"-5, 0", "0, 0", "30, 30", "9223372036854775807, 3153600000"})
    void times_are_bounded(long given, long seconds) {
        assertThat(CriIn.seconds(given)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = BAD_PODS)
    void a_bad_pod_is_refused_naming_the_field(String change, String message) {
        assertThatThrownBy(() -> CriIn.sandboxSpec(pod(change)))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = BAD_CONTAINERS)
    void a_bad_container_is_refused_naming_the_field(String change, String message) {
        CreateContainerRequest request = Samples.container(config -> Contract.text(config, change));
        assertThatThrownBy(() -> CriIn.containerSpec(request))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void a_group_without_a_user_is_refused() {
        CreateContainerRequest request = secured(s -> s.clearRunAsUser().clearRunAsUsername());
        assertThatThrownBy(() -> CriIn.containerSpec(request))
                .isInstanceOf(InvalidSpec.class)
                .hasMessage("config.linux.security_context.run_as_group: given without run_as_user or run_as_username");
    }

    @Test
    void values_that_no_contract_knows_yet_are_refused() {
        CreateContainerRequest signal = Samples.container(config -> config.setStopSignalValue(99));
        assertThatThrownBy(() -> CriIn.containerSpec(signal)).hasMessage("config.stop_signal: unknown signal");
        CreateContainerRequest mount = Samples.container(
                config -> config.setMounts(0, config.getMounts(0).toBuilder().setPropagationValue(9)));
        assertThatThrownBy(() -> CriIn.containerSpec(mount)).hasMessage("config.mounts[0].propagation: unknown: 9");
    }

    private static RunPodSandboxRequest pod(String change) {
        return Samples.POD.toBuilder()
                .setConfig(Contract.text(Samples.POD.getConfig().toBuilder(), change))
                .build();
    }

    private static CreateContainerRequest secured(Consumer<LinuxContainerSecurityContext.Builder> change) {
        LinuxContainerConfig linux = Samples.CONTAINER.getConfig().getLinux();
        LinuxContainerSecurityContext.Builder security = linux.getSecurityContext().toBuilder();
        change.accept(security);
        return Samples.container(config -> config.setLinux(linux.toBuilder().setSecurityContext(security)));
    }
}
