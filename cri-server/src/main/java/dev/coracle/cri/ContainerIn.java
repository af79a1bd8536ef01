package dev.coracle.cri;

import com.google.protobuf.ByteString;
import dev.coracle.proto.v1.Capability;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.Device;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.KeyValue;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerMetadata;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ImageRequest;
import dev.coracle.spec.SecurityProfile;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code ContainerConfig}. */
final class ContainerIn {
    private static final String DEVICE_PERMISSIONS = "rwm";

    private ContainerIn() {}

    static ContainerSpec read(ContainerConfig config, FieldPath at) {
        at.dot("metadata").requirePresent(config.hasMetadata());
        FieldPath linuxAt = at.dot("linux");
        return new ContainerSpec(
                metadata(config.getMetadata(), at.dot("metadata")),
                image(config.getImage(), at.dot("image")),
                texts(config.getCommandList(), at.dot("command")),
                texts(config.getArgsList(), at.dot("args")),
                at.dot("working_dir").absoluteOrEmpty(config.getWorkingDir()),
                environment(config.getEnvsList(), at.dot("envs")),
                MountIn.read(config.getMountsList(), at.dot("mounts")),
                devices(config.getDevicesList(), at.dot("devices")),
                cdiDevices(config, at.dot("CDI_devices")),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                at.dot("log_path").relativeOrEmpty(config.getLogPath()),
                config.getStdin(),
                config.getStdinOnce(),
                config.getTty(),
                SignalNames.read(config.getStopSignal(), at.dot("stop_signal")),
                ResourcesIn.read(config.getLinux().getResources(), linuxAt.dot("resources")),
                security(config.getLinux().getSecurityContext(), linuxAt.dot("security_context")));
    }

    private static ContainerMetadata metadata(dev.coracle.proto.v1.ContainerMetadata metadata, FieldPath at) {
        return new ContainerMetadata(
                at.dot("name").required(metadata.getName()), Integer.toUnsignedLong(metadata.getAttempt()));
    }

    private static ImageRequest image(ImageSpec image, FieldPath at) {
        return new ImageRequest(at.dot("image").required(image.getImage()), image.getUserSpecifiedImage());
    }

    static List<String> texts(List<String> values, FieldPath at) {
        for (int i = 0; i < values.size(); i++) {
            at.at(i).text(values.get(i));
        }
        return values;
    }

    private static List<EnvVar> environment(List<KeyValue> envs, FieldPath at) {
        List<EnvVar> read = new ArrayList<>(envs.size());
        for (int i = 0; i < envs.size(); i++) {
            read.add(variable(envs.get(i), at.at(i)));
        }
        return read;
    }

    private static EnvVar variable(KeyValue env, FieldPath at) {
        String name = at.dot("key").required(env.getKey());
        if (name.indexOf('=') >= 0) {
            throw at.dot("key").invalid("holds '=': " + name);
        }
        ByteString value = env.getValue();
        if (!value.isValidUtf8()) {
            throw at.dot("value").invalid("not UTF-8");
        }
        return new EnvVar(name, at.dot("value").text(value.toStringUtf8()));
    }

    private static List<DeviceSpec> devices(List<Device> devices, FieldPath at) {
        List<DeviceSpec> read = new ArrayList<>(devices.size());
        for (int i = 0; i < devices.size(); i++) {
            read.add(device(devices.get(i), at.at(i)));
        }
        return read;
    }

    private static DeviceSpec device(Device device, FieldPath at) {
        String permissions = device.getPermissions();
        if (!permissions.chars().allMatch(c -> DEVICE_PERMISSIONS.indexOf(c) >= 0)) {
            throw at.dot("permissions").invalid("not of the letters r, w, m: " + at.text(permissions));
        }
        return new DeviceSpec(
                at.dot("container_path").absolute(device.getContainerPath()),
                at.dot("host_path").absolute(device.getHostPath()),
                permissions);
    }

    private static List<String> cdiDevices(ContainerConfig config, FieldPath at) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < config.getCDIDevicesCount(); i++) {
            names.add(at.at(i).dot("name").word(config.getCDIDevices(i).getName()));
        }
        return names;
    }

    private static ContainerSecurity security(LinuxContainerSecurityContext context, FieldPath at) {
        return new ContainerSecurity(
                capabilities(context.getCapabilities(), at.dot("capabilities")),
                context.getPrivileged(),
                NamespacesIn.container(context.getNamespaceOptions(), at.dot("namespace_options")),
                context.hasSelinuxOptions() ? ProfilesIn.selinux(context.getSelinuxOptions()) : null,
                UserIn.container(context, at),
                context.getReadonlyRootfs(),
                context.getNoNewPrivs(),
                absolutes(context.getMaskedPathsList(), at.dot("masked_paths")),
                absolutes(context.getReadonlyPathsList(), at.dot("readonly_paths")),
                seccomp(context, at),
                apparmor(context, at));
    }

    private static CapabilityRequest capabilities(Capability capabilities, FieldPath at) {
        return new CapabilityRequest(
                words(capabilities.getAddCapabilitiesList(), at.dot("add_capabilities")),
                words(capabilities.getDropCapabilitiesList(), at.dot("drop_capabilities")),
                words(capabilities.getAddAmbientCapabilitiesList(), at.dot("add_ambient_capabilities")));
    }

    private static List<String> words(List<String> values, FieldPath at) {
        for (int i = 0; i < values.size(); i++) {
            at.at(i).word(values.get(i));
        }
        return values;
    }

    private static List<String> absolutes(List<String> paths, FieldPath at) {
        for (int i = 0; i < paths.size(); i++) {
            at.at(i).absolute(paths.get(i));
        }
        return paths;
    }

    @SuppressWarnings("deprecation") // clients built for older contracts still send the old field; the new one wins
    private static SecurityProfile seccomp(LinuxContainerSecurityContext context, FieldPath at) {
        return ProfilesIn.seccomp(
                context.hasSeccomp() ? context.getSeccomp() : null, context.getSeccompProfilePath(), at);
    }

    @SuppressWarnings("deprecation") // as above
    private static SecurityProfile apparmor(LinuxContainerSecurityContext context, FieldPath at) {
        return ProfilesIn.apparmor(
                context.hasApparmor() ? context.getApparmor() : null, context.getApparmorProfile(), at);
    }
}
