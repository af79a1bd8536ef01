package dev.coracle.cri;

import dev.coracle.proto.v1.Protocol;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.Dns;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.UserRequest;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What a client asked for, under {@code config} and by the contract's names, as other runtimes show it and scripts around crictl look for it.
 * What was not given is left out.
 */
final class ConfigOut {
    private final JsonGenerator json;

    private ConfigOut(JsonGenerator json) {
        this.json = json;
    }

    /** The property {@code config} of a pod. */
    static void pod(JsonGenerator json, SandboxSpec spec) {
        ConfigOut out = new ConfigOut(json);
        out.begin("config");
        out.begin("metadata");
        out.text("name", spec.metadata().name());
        out.text("uid", spec.metadata().uid());
        out.text("namespace", spec.metadata().namespace());
        out.number("attempt", spec.metadata().attempt());
        out.end();
        out.text("hostname", spec.hostname());
        out.text("log_directory", spec.logDirectory());
        if (spec.dns() != null) {
            out.dns(spec.dns());
        }
        out.ports(spec.portMappings());
        out.map("labels", spec.labels());
        out.map("annotations", spec.annotations());
        out.begin("linux");
        out.text("cgroup_parent", spec.cgroupParent());
        out.map("sysctls", spec.sysctls());
        out.begin("security_context");
        out.namespaces(spec.security().namespaces());
        out.user(spec.security().user());
        out.flag("privileged", spec.security().privileged());
        out.end();
        out.end();
        out.end();
    }

    /** The property {@code config} of a container. */
    static void container(JsonGenerator json, ContainerSpec spec) {
        ConfigOut out = new ConfigOut(json);
        out.begin("config");
        out.begin("metadata");
        out.text("name", spec.metadata().name());
        out.number("attempt", spec.metadata().attempt());
        out.end();
        out.begin("image");
        out.text("image", spec.image().image());
        out.text("user_specified_image", spec.image().userSpecified());
        out.end();
        out.texts("command", spec.command());
        out.texts("args", spec.args());
        out.text("working_dir", spec.workingDir());
        out.variables(spec.envs());
        out.mounts(spec.mounts());
        out.map("labels", spec.labels());
        out.map("annotations", spec.annotations());
        out.text("log_path", spec.logPath());
        out.flag("stdin", spec.stdin());
        out.flag("stdin_once", spec.stdinOnce());
        out.flag("tty", spec.tty());
        out.begin("linux");
        out.rights(spec.security());
        out.end();
        out.end();
    }

    private void dns(Dns dns) {
        begin("dns_config");
        texts("servers", dns.servers());
        texts("searches", dns.searches());
        texts("options", dns.options());
        end();
    }

    private static int protocol(dev.coracle.spec.Protocol protocol) {
        return switch (protocol) {
            case TCP -> Protocol.TCP_VALUE;
            case UDP -> Protocol.UDP_VALUE;
            case SCTP -> Protocol.SCTP_VALUE;
        };
    }

    private void ports(List<PortMapping> ports) {
        objects("port_mappings", ports, port -> {
            number("protocol", protocol(port.protocol()));
            number("container_port", port.containerPort());
            number("host_port", port.hostPort());
            text("host_ip", port.hostIp());
        });
    }

    private void variables(List<EnvVar> variables) {
        objects("envs", variables, variable -> {
            text("key", variable.name());
            text("value", variable.value());
        });
    }

    private void mounts(List<MountSpec> mounts) {
        objects("mounts", mounts, mount -> {
            text("container_path", mount.containerPath());
            text("host_path", mount.hostPath());
            flag("readonly", mount.readonly());
            flag("recursive_read_only", mount.recursiveReadonly());
            flag("selinux_relabel", mount.selinuxRelabel());
            number("propagation", MountOut.propagation(mount.propagation()).getNumber());
            if (mount.image() != null) {
                begin("image");
                text("image", mount.image().image());
                end();
            }
            texts("mount_options", mount.options());
        });
    }

    private void rights(ContainerSecurity security) {
        begin("security_context");
        namespaces(security.namespaces());
        user(security.user());
        flag("privileged", security.privileged());
        flag("readonly_rootfs", security.readonlyRootfs());
        flag("no_new_privs", security.noNewPrivs());
        texts("masked_paths", security.maskedPaths());
        texts("readonly_paths", security.readonlyPaths());
        end();
    }

    private void namespaces(NamespaceModes modes) {
        begin("namespace_options");
        mode("network", modes.network());
        mode("pid", modes.pid());
        mode("ipc", modes.ipc());
        if (modes.target() != null) {
            text("target_id", modes.target());
        }
        end();
    }

    /** By the contract's numbers, as other runtimes write it. */
    private void mode(String name, NamespaceMode mode) {
        number(name, NamespacesOut.mode(mode).getNumber());
    }

    private void user(UserRequest user) {
        id("run_as_user", user.uid());
        id("run_as_group", user.gid());
        text("run_as_username", user.username());
        if (!user.supplementalGroups().isEmpty()) {
            json.writeArrayPropertyStart("supplemental_groups");
            user.supplementalGroups().forEach(json::writeNumber);
            json.writeEndArray();
        }
    }

    private void id(String name, @Nullable Long id) {
        if (id != null) {
            begin(name);
            json.writeNumberProperty("value", id);
            end();
        }
    }

    private <T> void objects(String name, List<T> values, Consumer<T> properties) {
        if (values.isEmpty()) {
            return;
        }
        json.writeArrayPropertyStart(name);
        for (T value : values) {
            json.writeStartObject();
            properties.accept(value);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void begin(String name) {
        json.writeObjectPropertyStart(name);
    }

    private void end() {
        json.writeEndObject();
    }

    private void text(String name, String value) {
        if (!value.isEmpty()) {
            json.writeStringProperty(name, value);
        }
    }

    private void number(String name, long value) {
        if (value != 0) {
            json.writeNumberProperty(name, value);
        }
    }

    private void flag(String name, boolean value) {
        if (value) {
            json.writeBooleanProperty(name, true);
        }
    }

    private void texts(String name, List<String> values) {
        if (!values.isEmpty()) {
            VerboseOut.strings(json, name, values);
        }
    }

    private void map(String name, Map<String, String> values) {
        if (!values.isEmpty()) {
            begin(name);
            values.forEach(json::writeStringProperty);
            end();
        }
    }
}
