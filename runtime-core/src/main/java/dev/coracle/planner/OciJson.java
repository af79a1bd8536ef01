package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.ResolvedUser;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What hooks read of a container: its state, and the configuration that stands in its bundle (OCI runtime specification 1.2). */
final class OciJson {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String VERSION = "1.2.0";

    /** A part of the text. */
    private interface Content {
        void write(JsonGenerator json);
    }

    private OciJson() {}

    /** The state but for its last member: a number, and the closing brace, are to follow. */
    static Bytes stateBeforePid(ContainerOrder order, String bundle, String status) {
        String whole = state(order, bundle, status);
        return Bytes.utf8(whole.substring(0, whole.length() - 1) + ",\"pid\":");
    }

    /** The state of a container without a process. */
    static String state(ContainerOrder order, String bundle, String status) {
        return text(json -> {
            json.writeStringProperty("ociVersion", VERSION);
            json.writeStringProperty("id", order.id().value());
            json.writeStringProperty("status", status);
            json.writeStringProperty("bundle", bundle);
            table(json, "annotations", order.spec().annotations());
        });
    }

    /** The {@code config.json} of a bundle; of it what tools look for in one. */
    static Bytes configuration(
            ContainerOrder order, String root, List<String> argv, Environment environment, ResolvedUser user) {
        return Bytes.utf8(text(json -> {
            json.writeStringProperty("ociVersion", VERSION);
            object(json, "process", process -> {
                process.writeBooleanProperty("terminal", order.spec().tty());
                object(process, "user", who -> {
                    who.writeNumberProperty("uid", user.uid());
                    who.writeNumberProperty("gid", user.gid());
                });
                texts(process, "args", argv);
                texts(process, "env", environment.lines());
                String directory = order.spec().workingDir().isEmpty()
                        ? order.image().workingDir()
                        : order.spec().workingDir();
                process.writeStringProperty("cwd", directory.isEmpty() ? "/" : directory);
            });
            object(json, "root", at -> {
                at.writeStringProperty("path", root);
                at.writeBooleanProperty("readonly", order.spec().security().readonlyRootfs());
            });
            json.writeStringProperty("hostname", order.pod().spec().hostname());
            json.writeArrayPropertyStart("mounts");
            order.spec().mounts().forEach(mount -> write(json, mount));
            json.writeEndArray();
            table(json, "annotations", order.spec().annotations());
        }));
    }

    private static void write(JsonGenerator json, MountSpec mount) {
        json.writeStartObject();
        json.writeStringProperty("destination", mount.containerPath());
        json.writeStringProperty("type", "bind");
        json.writeStringProperty("source", mount.hostPath());
        texts(json, "options", List.of(mount.alone() ? "bind" : "rbind", mount.readonly() ? "ro" : "rw"));
        json.writeEndObject();
    }

    private static String text(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void object(JsonGenerator json, String name, Content content) {
        json.writeObjectPropertyStart(name);
        content.write(json);
        json.writeEndObject();
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) {
        json.writeArrayPropertyStart(name);
        texts.forEach(json::writeString);
        json.writeEndArray();
    }

    private static void table(JsonGenerator json, String name, Map<String, String> table) {
        json.writeObjectPropertyStart(name);
        new TreeMap<>(table).forEach(json::writeStringProperty);
        json.writeEndObject();
    }
}
