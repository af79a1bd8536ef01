package dev.coracle.cri;

import dev.coracle.pod.Whereabouts;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.Resources;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.state.Prepared;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/**
 * What was asked for in the words of an OCI runtime's config.json, where scripts around crictl look for it. Nothing is run from it: what is
 * done is in the plans.
 */
final class RuntimeSpecOut {
    private static final String VERSION = "1.2.1";

    private final JsonGenerator json;

    private RuntimeSpecOut(JsonGenerator json) {
        this.json = json;
    }

    /** The property {@code runtimeSpec} of a pod. */
    static void pod(JsonGenerator json, PodRecord pod, Whereabouts where) {
        RuntimeSpecOut out = new RuntimeSpecOut(json);
        out.begin("runtimeSpec");
        json.writeStringProperty("ociVersion", VERSION);
        json.writeStringProperty("hostname", pod.spec().hostname());
        out.map("annotations", pod.spec().annotations());
        out.begin("linux");
        json.writeStringProperty("cgroupsPath", pod.spec().cgroupParent());
        out.map("sysctl", pod.spec().sysctls());
        out.namespaces(pod.spec().security().namespaces(), where);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** The property {@code runtimeSpec} of a container. */
    static void container(JsonGenerator json, ContainerRecord container, PodRecord pod, Whereabouts where) {
        RuntimeSpecOut out = new RuntimeSpecOut(json);
        ContainerSpec spec = container.spec();
        out.begin("runtimeSpec");
        json.writeStringProperty("ociVersion", VERSION);
        out.process(container);
        out.begin("root");
        json.writeBooleanProperty("readonly", spec.security().readonlyRootfs());
        json.writeEndObject();
        json.writeStringProperty("hostname", pod.spec().hostname());
        out.mounts(spec.mounts());
        out.map("annotations", spec.annotations());
        out.linux(container, pod, where);
        json.writeEndObject();
    }

    private void process(ContainerRecord container) {
        ContainerSpec spec = container.spec();
        begin("process");
        json.writeBooleanProperty("terminal", spec.tty());
        Prepared prepared = ContainerOut.prepared(container.shownState());
        if (prepared != null) {
            begin("user");
            json.writeNumberProperty("uid", prepared.user().uid());
            json.writeNumberProperty("gid", prepared.user().gid());
            json.writeArrayPropertyStart("additionalGids");
            prepared.user().groups().forEach(json::writeNumber);
            json.writeEndArray();
            json.writeEndObject();
        }
        strings("args", spec.argv(container.image().config()));
        strings("env", environment(container.image().config().env(), spec.envs()));
        String directory = spec.directory(container.image().config());
        json.writeStringProperty("cwd", directory.isEmpty() ? "/" : directory);
        json.writeBooleanProperty("noNewPrivileges", spec.security().noNewPrivs());
        json.writeNumberProperty("oomScoreAdj", container.resources().oomScoreAdj());
        json.writeEndObject();
    }

    /** The image's, and those of the request, which come after them and in place of those of the same name. */
    private static List<String> environment(List<EnvVar> image, List<EnvVar> asked) {
        Map<String, String> values = new LinkedHashMap<>();
        image.forEach(variable -> values.put(variable.name(), variable.value()));
        asked.forEach(variable -> values.put(variable.name(), variable.value()));
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    private void mounts(List<MountSpec> mounts) {
        json.writeArrayPropertyStart("mounts");
        for (MountSpec mount : mounts) {
            json.writeStartObject();
            json.writeStringProperty("destination", mount.containerPath());
            json.writeStringProperty("type", "bind");
            json.writeStringProperty(
                    "source",
                    mount.image() == null ? mount.hostPath() : mount.image().image());
            String propagation = switch (mount.propagation()) {
                case PRIVATE -> "rprivate";
                case HOST_TO_CONTAINER -> "rslave";
                case BIDIRECTIONAL -> "rshared";
            };
            String access = mount.recursiveReadonly() ? "rro" : mount.readonly() ? "ro" : "rw";
            strings("options", List.of(mount.alone() ? "bind" : "rbind", propagation, access));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void linux(ContainerRecord container, PodRecord pod, Whereabouts where) {
        begin("linux");
        json.writeStringProperty(
                "cgroupsPath", pod.spec().cgroupParent() + "/" + container.id().value());
        resources(container.resources());
        namespaces(container.spec().security().namespaces(), where);
        strings("maskedPaths", container.spec().security().maskedPaths());
        strings("readonlyPaths", container.spec().security().readonlyPaths());
        json.writeEndObject();
    }

    private void resources(Resources resources) {
        begin("resources");
        begin("memory");
        json.writeNumberProperty("limit", resources.memoryLimit());
        json.writeNumberProperty("swap", resources.memorySwapLimit());
        json.writeEndObject();
        begin("cpu");
        json.writeNumberProperty("shares", resources.cpuShares());
        json.writeNumberProperty("quota", resources.cpuQuota());
        json.writeNumberProperty("period", resources.cpuPeriod());
        json.writeStringProperty("cpus", resources.cpusetCpus());
        json.writeStringProperty("mems", resources.cpusetMems());
        json.writeEndObject();
        map("unified", resources.unified());
        json.writeEndObject();
    }

    /** Those that are not the host's; the network's has a path, as it is pinned there. */
    private void namespaces(NamespaceModes modes, Whereabouts where) {
        json.writeArrayPropertyStart("namespaces");
        namespace("mount", "");
        namespace("cgroup", "");
        if (modes.pid() != NamespaceMode.NODE) {
            namespace("pid", "");
        }
        if (!modes.hostIpc()) {
            namespace("ipc", "");
        }
        if (!modes.hostNetwork()) {
            namespace("uts", "");
            namespace("network", where.netns());
        }
        json.writeEndArray();
    }

    private void namespace(String type, String path) {
        json.writeStartObject();
        json.writeStringProperty("type", type);
        if (!path.isEmpty()) {
            json.writeStringProperty("path", path);
        }
        json.writeEndObject();
    }

    private void begin(String name) {
        json.writeObjectPropertyStart(name);
    }

    private void map(String name, Map<String, String> values) {
        begin(name);
        values.forEach(json::writeStringProperty);
        json.writeEndObject();
    }

    private void strings(String name, List<String> values) {
        VerboseOut.strings(json, name, values);
    }
}
