package dev.coracle.store;

import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.DeviceNode;
import dev.coracle.spec.Hook;
import org.jspecify.annotations.Nullable;

/** What devices add to a container, as JSON. Each pair of methods names every component of one record. */
final class EditsJson {
    private EditsJson() {}

    static void write(JsonSink out, ContainerEdits edits) {
        out.each("env", edits.env(), ContainerJson::write)
                .each("devices", edits.devices(), EditsJson::write)
                .each("mounts", edits.mounts(), ContainerJson::write)
                .each("hooks", edits.hooks(), EditsJson::write)
                .numbers("groups", edits.groups());
    }

    static ContainerEdits read(JsonSource in) {
        return new ContainerEdits(
                in.each("env", ContainerJson::envVar),
                in.each("devices", EditsJson::deviceNode),
                in.each("mounts", ContainerJson::mount),
                in.each("hooks", EditsJson::hook),
                in.numbers("groups"));
    }

    private static void write(JsonSink out, DeviceNode node) {
        out.text("path", node.path())
                .text("hostPath", node.hostPath())
                .text("type", node.type())
                .number("major", wide(node.major()))
                .number("minor", wide(node.minor()))
                .number("mode", wide(node.mode()))
                .text("permissions", node.permissions())
                .number("uid", node.uid())
                .number("gid", node.gid());
    }

    private static DeviceNode deviceNode(JsonSource in) {
        return new DeviceNode(
                in.text("path"),
                in.text("hostPath"),
                in.text("type"),
                narrow(in.optionalNumber("major")),
                narrow(in.optionalNumber("minor")),
                narrow(in.optionalNumber("mode")),
                in.text("permissions"),
                in.optionalNumber("uid"),
                in.optionalNumber("gid"));
    }

    private static @Nullable Long wide(@Nullable Integer number) {
        return number == null ? null : number.longValue();
    }

    private static @Nullable Integer narrow(@Nullable Long number) {
        return number == null ? null : number.intValue();
    }

    private static void write(JsonSink out, Hook hook) {
        out.word("stage", hook.stage())
                .text("path", hook.path())
                .texts("args", hook.args())
                .each("env", hook.env(), ContainerJson::write)
                .number("timeoutSeconds", (long) hook.timeoutSeconds());
    }

    private static Hook hook(JsonSource in) {
        return new Hook(
                in.word("stage", Hook.Stage.class),
                in.text("path"),
                in.texts("args"),
                in.each("env", ContainerJson::envVar),
                in.integer("timeoutSeconds"));
    }
}
