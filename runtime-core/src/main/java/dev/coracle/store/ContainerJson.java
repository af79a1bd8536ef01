package dev.coracle.store;

import dev.coracle.spec.ContainerMetadata;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.ImageVolume;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.Signal;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.VolumeImage;
import org.jspecify.annotations.Nullable;

/** What is wanted of a container, as JSON. Each pair of methods names every component of one record. */
final class ContainerJson {
    private ContainerJson() {}

    static void write(JsonSink out, ContainerSpec spec) {
        out.object("metadata", spec.metadata(), ContainerJson::write)
                .object("image", spec.image(), ContainerJson::write)
                .texts("command", spec.command())
                .texts("args", spec.args())
                .text("workingDir", spec.workingDir())
                .each("envs", spec.envs(), ContainerJson::write)
                .each("mounts", spec.mounts(), ContainerJson::write)
                .each("devices", spec.devices(), ContainerJson::write)
                .texts("cdiDevices", spec.cdiDevices())
                .table("labels", spec.labels())
                .table("annotations", spec.annotations())
                .text("logPath", spec.logPath())
                .flag("stdin", spec.stdin())
                .flag("stdinOnce", spec.stdinOnce())
                .flag("tty", spec.tty())
                .number("stopSignal", number(spec.stopSignal()))
                .object("resources", spec.resources(), ResourcesJson::write)
                .object("security", spec.security(), SecurityJson::write);
    }

    static ContainerSpec read(JsonSource in) {
        return new ContainerSpec(
                in.object("metadata", ContainerJson::metadata),
                in.object("image", ContainerJson::imageRequest),
                in.texts("command"),
                in.texts("args"),
                in.text("workingDir"),
                in.each("envs", ContainerJson::envVar),
                in.each("mounts", ContainerJson::mount),
                in.each("devices", ContainerJson::device),
                in.texts("cdiDevices"),
                in.table("labels"),
                in.table("annotations"),
                in.text("logPath"),
                in.flag("stdin"),
                in.flag("stdinOnce"),
                in.flag("tty"),
                signal(in, "stopSignal"),
                in.object("resources", ResourcesJson::read),
                in.object("security", SecurityJson::container));
    }

    private static @Nullable Long number(@Nullable Signal signal) {
        return signal == null ? null : (long) signal.number();
    }

    private static @Nullable Signal signal(JsonSource in, String name) {
        int number = in.integer(name);
        return number == 0 ? null : new Signal(number);
    }

    private static void write(JsonSink out, ContainerMetadata metadata) {
        out.text("name", metadata.name()).number("attempt", metadata.attempt());
    }

    private static ContainerMetadata metadata(JsonSource in) {
        return new ContainerMetadata(in.text("name"), in.number("attempt"));
    }

    private static void write(JsonSink out, ImageRequest image) {
        out.text("image", image.image()).text("userSpecified", image.userSpecified());
    }

    private static ImageRequest imageRequest(JsonSource in) {
        return new ImageRequest(in.text("image"), in.text("userSpecified"));
    }

    static void write(JsonSink out, EnvVar variable) {
        out.text("name", variable.name()).text("value", variable.value());
    }

    static EnvVar envVar(JsonSource in) {
        return new EnvVar(in.text("name"), in.text("value"));
    }

    static void write(JsonSink out, MountSpec mount) {
        out.text("containerPath", mount.containerPath())
                .text("hostPath", mount.hostPath())
                .flag("readonly", mount.readonly())
                .flag("recursiveReadonly", mount.recursiveReadonly())
                .word("propagation", mount.propagation())
                .flag("selinuxRelabel", mount.selinuxRelabel())
                .each("uidMappings", mount.uidMappings(), SecurityJson::write)
                .each("gidMappings", mount.gidMappings(), SecurityJson::write)
                .object("image", mount.image(), ContainerJson::write)
                .texts("options", mount.options())
                .flag("alone", mount.alone());
    }

    static MountSpec mount(JsonSource in) {
        return new MountSpec(
                in.text("containerPath"),
                in.text("hostPath"),
                in.flag("readonly"),
                in.flag("recursiveReadonly"),
                in.word("propagation", Propagation.class),
                in.flag("selinuxRelabel"),
                in.each("uidMappings", SecurityJson::idMapping),
                in.each("gidMappings", SecurityJson::idMapping),
                in.optional("image", ContainerJson::imageVolume),
                in.texts("options"),
                in.flag("alone"));
    }

    private static void write(JsonSink out, ImageVolume volume) {
        out.text("image", volume.image()).text("subPath", volume.subPath());
    }

    private static ImageVolume imageVolume(JsonSource in) {
        return new ImageVolume(in.text("image"), in.text("subPath"));
    }

    private static void write(JsonSink out, DeviceSpec device) {
        out.text("containerPath", device.containerPath())
                .text("hostPath", device.hostPath())
                .text("permissions", device.permissions());
    }

    private static DeviceSpec device(JsonSource in) {
        return new DeviceSpec(in.text("containerPath"), in.text("hostPath"), in.text("permissions"));
    }

    static void write(JsonSink out, ContainerImage image) {
        out.text("id", image.id())
                .text("reference", image.reference())
                .object("config", image.config(), ContainerJson::write)
                .each("volumes", image.volumes(), ContainerJson::write);
    }

    private static void write(JsonSink out, VolumeImage volume) {
        out.text("id", volume.id()).text("reference", volume.reference());
    }

    private static VolumeImage volumeImage(JsonSource in) {
        return new VolumeImage(in.text("id"), in.text("reference"));
    }

    static ContainerImage image(JsonSource in) {
        return new ContainerImage(
                in.text("id"),
                in.text("reference"),
                in.object("config", ContainerJson::config),
                in.each("volumes", ContainerJson::volumeImage));
    }

    private static void write(JsonSink out, ImageConfig config) {
        out.text("user", config.user())
                .each("env", config.env(), ContainerJson::write)
                .texts("entrypoint", config.entrypoint())
                .texts("cmd", config.cmd())
                .text("workingDir", config.workingDir())
                .number("stopSignal", number(config.stopSignal()))
                .texts("volumes", config.volumes())
                .table("labels", config.labels());
    }

    private static ImageConfig config(JsonSource in) {
        return new ImageConfig(
                in.text("user"),
                in.each("env", ContainerJson::envVar),
                in.texts("entrypoint"),
                in.texts("cmd"),
                in.text("workingDir"),
                signal(in, "stopSignal"),
                in.texts("volumes"),
                in.table("labels"));
    }
}
