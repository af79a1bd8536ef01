package dev.coracle.cri;

import dev.coracle.proto.v1.DNSConfig;
import dev.coracle.proto.v1.LinuxPodSandboxConfig;
import dev.coracle.proto.v1.LinuxSandboxSecurityContext;
import dev.coracle.proto.v1.PodSandboxConfig;
import dev.coracle.proto.v1.PodSandboxMetadata;
import dev.coracle.spec.Dns;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.Protocol;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code PodSandboxConfig}. */
final class SandboxIn {
    /** {@code sethostname} takes 64 bytes. */
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?");

    private static final int PORT_MAX = 65535;
    private static final String SLICE_SUFFIX = ".slice";

    private SandboxIn() {}

    static SandboxSpec read(PodSandboxConfig config, String runtimeHandler, FieldPath at) {
        LinuxPodSandboxConfig linux = config.getLinux();
        FieldPath linuxAt = at.dot("linux");
        at.dot("metadata").requirePresent(config.hasMetadata());
        return new SandboxSpec(
                metadata(config.getMetadata(), at.dot("metadata")),
                hostname(config.getHostname(), at.dot("hostname")),
                at.dot("log_directory").absoluteOrEmpty(config.getLogDirectory()),
                config.hasDnsConfig() ? dns(config.getDnsConfig(), at.dot("dns_config")) : null,
                portMappings(config.getPortMappingsList(), at.dot("port_mappings")),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                cgroupParent(linux.getCgroupParent(), linuxAt.dot("cgroup_parent")),
                sysctls(linux.getSysctlsMap(), linuxAt.dot("sysctls")),
                security(linux.getSecurityContext(), linuxAt.dot("security_context")),
                ResourcesIn.read(linux.getOverhead(), linuxAt.dot("overhead")),
                ResourcesIn.read(linux.getResources(), linuxAt.dot("resources")),
                runtimeHandler);
    }

    private static PodMetadata metadata(PodSandboxMetadata metadata, FieldPath at) {
        return new PodMetadata(
                at.dot("name").required(metadata.getName()),
                at.dot("uid").required(metadata.getUid()),
                at.dot("namespace").required(metadata.getNamespace()),
                Integer.toUnsignedLong(metadata.getAttempt()));
    }

    private static String hostname(String hostname, FieldPath at) {
        if (!hostname.isEmpty() && !HOSTNAME.matcher(hostname).matches()) {
            throw at.invalid("not a host name of at most 64 letters, digits, '-', '_' and '.': " + at.text(hostname));
        }
        return hostname;
    }

    private static Dns dns(DNSConfig dns, FieldPath at) {
        return new Dns(
                words(dns.getServersList(), at.dot("servers")),
                words(dns.getSearchesList(), at.dot("searches")),
                words(dns.getOptionsList(), at.dot("options")));
    }

    private static List<String> words(List<String> values, FieldPath at) {
        for (int i = 0; i < values.size(); i++) {
            at.at(i).word(values.get(i));
        }
        return values;
    }

    private static List<PortMapping> portMappings(List<dev.coracle.proto.v1.PortMapping> mappings, FieldPath at) {
        List<PortMapping> read = new ArrayList<>();
        for (int i = 0; i < mappings.size(); i++) {
            // Without a host port nothing is mapped: the kubelet sends every containerPort of a pod.
            if (mappings.get(i).getHostPort() > 0) {
                read.add(portMapping(mappings.get(i), at.at(i)));
            }
        }
        return read;
    }

    private static PortMapping portMapping(dev.coracle.proto.v1.PortMapping mapping, FieldPath at) {
        at.dot("container_port").between(mapping.getContainerPort(), 1, PORT_MAX);
        at.dot("host_port").between(mapping.getHostPort(), 1, PORT_MAX);
        Protocol protocol = switch (mapping.getProtocol()) {
            case TCP -> Protocol.TCP;
            case UDP -> Protocol.UDP;
            case SCTP -> Protocol.SCTP;
            case UNRECOGNIZED -> throw at.dot("protocol").invalid("unknown: " + mapping.getProtocolValue());
        };
        return new PortMapping(
                protocol,
                mapping.getContainerPort(),
                mapping.getHostPort(),
                address(mapping.getHostIp(), at.dot("host_ip")));
    }

    private static String address(String address, FieldPath at) {
        try {
            if (!address.isEmpty()) {
                InetAddress.ofLiteral(address);
            }
            return address;
        } catch (IllegalArgumentException e) {
            throw at.invalid("not an IP address: " + at.text(address));
        }
    }

    /** A cgroupfs path, made absolute, or the name of a systemd slice. */
    private static String cgroupParent(String parent, FieldPath at) {
        at.withoutParents(at.text(parent));
        boolean slice = parent.endsWith(SLICE_SUFFIX) && parent.indexOf('/') < 0;
        return parent.isEmpty() || slice || parent.startsWith("/") ? parent : "/" + parent;
    }

    private static Map<String, String> sysctls(Map<String, String> sysctls, FieldPath at) {
        sysctls.forEach((name, value) -> {
            FieldPath entry = at.at(name);
            entry.word(name);
            entry.withoutParents(entry.text(name));
            if (name.startsWith("/")) {
                throw entry.invalid("not the name of a sysctl");
            }
            entry.text(value);
        });
        return sysctls;
    }

    private static SandboxSecurity security(LinuxSandboxSecurityContext context, FieldPath at) {
        return new SandboxSecurity(
                NamespacesIn.sandbox(context.getNamespaceOptions(), at.dot("namespace_options")),
                context.hasSelinuxOptions() ? ProfilesIn.selinux(context.getSelinuxOptions()) : null,
                UserIn.sandbox(context, at),
                context.getReadonlyRootfs(),
                context.getPrivileged(),
                seccomp(context, at),
                ProfilesIn.apparmor(context.hasApparmor() ? context.getApparmor() : null, "", at));
    }

    @SuppressWarnings("deprecation") // clients built for older contracts still send the old field; the new one wins
    private static dev.coracle.spec.SecurityProfile seccomp(LinuxSandboxSecurityContext context, FieldPath at) {
        return ProfilesIn.seccomp(
                context.hasSeccomp() ? context.getSeccomp() : null, context.getSeccompProfilePath(), at);
    }
}
