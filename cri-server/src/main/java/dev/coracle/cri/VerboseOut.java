package dev.coracle.cri;

import dev.coracle.image.Image;
import dev.coracle.pod.Whereabouts;
import dev.coracle.spec.Resources;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What {@code verbose} adds to a status: under the key {@code info} an object in JSON, for people and their scripts. */
public final class VerboseOut {
    private static final String KEY = "info";
    private static final JsonFactory JSON = new JsonFactory();

    private VerboseOut() {}

    public static Map<String, String> pod(PodRecord pod, Whereabouts where) {
        return Map.of(KEY, object(json -> {
            place(json, where);
            json.writeStringProperty("state", pod.state().getClass().getSimpleName());
            json.writeStringProperty("cgroupParent", pod.spec().cgroupParent());
            json.writeStringProperty("hostname", pod.spec().hostname());
            json.writeStringProperty("logDirectory", pod.spec().logDirectory());
            strings(json, "addresses", pod.addresses());
            resources(json, "overhead", pod.overhead());
            resources(json, "resources", pod.resources());
            json.writeStringProperty("networkCheck", where.network());
            if (pod.attachment() != null) {
                strings(json, "interfaces", pod.attachment().interfaces());
                json.writeStringProperty("networkResult", pod.attachment().result());
            }
            ConfigOut.pod(json, pod.spec());
            RuntimeSpecOut.pod(json, pod, where);
        }));
    }

    public static Map<String, String> container(ContainerRecord container, PodRecord pod, Whereabouts where) {
        return Map.of(KEY, object(json -> {
            json.writeStringProperty("sandboxID", container.pod().value());
            place(json, where);
            json.writeStringProperty("state", container.state().getClass().getSimpleName());
            json.writeStringProperty("imageID", container.image().id());
            json.writeBooleanProperty("privileged", container.spec().security().privileged());
            ConfigOut.container(json, container.spec());
            RuntimeSpecOut.container(json, container, pod, where);
        }));
    }

    private static void place(JsonGenerator json, Whereabouts where) {
        json.writeNumberProperty("pid", where.pid());
        json.writeNumberProperty("shimPid", where.shim());
        json.writeStringProperty("plans", where.plans());
    }

    /** The configuration as the registry had it, under the key that crictl looks for. */
    public static Map<String, String> image(Image image) {
        return Map.of(KEY, object(json -> {
            json.writeName("imageSpec");
            json.writeRawValue(image.configJson());
        }));
    }

    /** What the client said of the pod as a whole; its cgroup is the client's. */
    private static void resources(JsonGenerator json, String name, Resources resources) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("cpuPeriod", resources.cpuPeriod());
        json.writeNumberProperty("cpuQuota", resources.cpuQuota());
        json.writeNumberProperty("cpuShares", resources.cpuShares());
        json.writeNumberProperty("memoryLimitInBytes", resources.memoryLimit());
        json.writeEndObject();
    }

    static void strings(JsonGenerator json, String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private static String object(Consumer<JsonGenerator> properties) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            properties.accept(json);
            json.writeEndObject();
        }
        return text.toString();
    }
}
