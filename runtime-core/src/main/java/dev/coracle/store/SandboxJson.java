package dev.coracle.store;

import dev.coracle.spec.Dns;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.Protocol;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;

/** What is wanted of a pod, as JSON. Each pair of methods names every component of one record. */
final class SandboxJson {
    private SandboxJson() {}

    static void write(JsonSink out, SandboxSpec spec) {
        out.object("metadata", spec.metadata(), SandboxJson::write)
                .text("hostname", spec.hostname())
                .text("logDirectory", spec.logDirectory())
                .object("dns", spec.dns(), SandboxJson::write)
                .each("portMappings", spec.portMappings(), SandboxJson::write)
                .table("labels", spec.labels())
                .table("annotations", spec.annotations())
                .text("cgroupParent", spec.cgroupParent())
                .table("sysctls", spec.sysctls())
                .object("security", spec.security(), SandboxJson::write)
                .object("overhead", spec.overhead(), ResourcesJson::write)
                .object("resources", spec.resources(), ResourcesJson::write)
                .text("runtimeHandler", spec.runtimeHandler());
    }

    static SandboxSpec read(JsonSource in) {
        return new SandboxSpec(
                in.object("metadata", SandboxJson::metadata),
                in.text("hostname"),
                in.text("logDirectory"),
                in.optional("dns", SandboxJson::dns),
                in.each("portMappings", SandboxJson::portMapping),
                in.table("labels"),
                in.table("annotations"),
                in.text("cgroupParent"),
                in.table("sysctls"),
                in.object("security", SandboxJson::security),
                in.object("overhead", ResourcesJson::read),
                in.object("resources", ResourcesJson::read),
                in.text("runtimeHandler"));
    }

    private static void write(JsonSink out, PodMetadata metadata) {
        out.text("name", metadata.name())
                .text("uid", metadata.uid())
                .text("namespace", metadata.namespace())
                .number("attempt", metadata.attempt());
    }

    private static PodMetadata metadata(JsonSource in) {
        return new PodMetadata(in.text("name"), in.text("uid"), in.text("namespace"), in.number("attempt"));
    }

    private static void write(JsonSink out, Dns dns) {
        out.texts("servers", dns.servers()).texts("searches", dns.searches()).texts("options", dns.options());
    }

    private static Dns dns(JsonSource in) {
        return new Dns(in.texts("servers"), in.texts("searches"), in.texts("options"));
    }

    private static void write(JsonSink out, PortMapping mapping) {
        out.word("protocol", mapping.protocol())
                .number("containerPort", mapping.containerPort())
                .number("hostPort", mapping.hostPort())
                .text("hostIp", mapping.hostIp());
    }

    private static PortMapping portMapping(JsonSource in) {
        return new PortMapping(
                in.word("protocol", Protocol.class),
                in.integer("containerPort"),
                in.integer("hostPort"),
                in.text("hostIp"));
    }

    private static void write(JsonSink out, SandboxSecurity security) {
        out.object("namespaces", security.namespaces(), SecurityJson::write)
                .object("selinux", security.selinux(), SecurityJson::write)
                .object("user", security.user(), SecurityJson::write)
                .flag("readonlyRootfs", security.readonlyRootfs())
                .flag("privileged", security.privileged())
                .object("seccomp", security.seccomp(), SecurityJson::write)
                .object("apparmor", security.apparmor(), SecurityJson::write);
    }

    private static SandboxSecurity security(JsonSource in) {
        return new SandboxSecurity(
                in.object("namespaces", SecurityJson::namespaces),
                in.optional("selinux", SecurityJson::selinux),
                in.object("user", SecurityJson::user),
                in.flag("readonlyRootfs"),
                in.flag("privileged"),
                in.object("seccomp", SecurityJson::profile),
                in.object("apparmor", SecurityJson::profile));
    }
}
