package dev.coracle.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A container as asked for (CRI {@code ContainerConfig}).
 *
 * @param command replaces the image's entrypoint, and drops its arguments; empty for the image's own
 * @param args replaces the image's arguments
 * @param workingDir empty for the image's own
 * @param logPath relative to the pod's log directory; empty for no log
 * @param stdinOnce stdin ends with the first client that detaches
 * @param cdiDevices names of the form {@code vendor/class=device}
 * @param stopSignal null for the image's own, and {@code SIGTERM} where it has none
 */
public record ContainerSpec(
        ContainerMetadata metadata,
        ImageRequest image,
        List<String> command,
        List<String> args,
        String workingDir,
        List<EnvVar> envs,
        List<MountSpec> mounts,
        List<DeviceSpec> devices,
        List<String> cdiDevices,
        Map<String, String> labels,
        Map<String, String> annotations,
        String logPath,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        @Nullable Signal stopSignal,
        Resources resources,
        ContainerSecurity security) {
    public ContainerSpec {
        command = List.copyOf(command);
        args = List.copyOf(args);
        envs = List.copyOf(envs);
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
        cdiDevices = List.copyOf(cdiDevices);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** As the client names the images that are mounted as volumes, in the order of their mounts. */
    public List<String> volumeImages() {
        return mounts.stream()
                .map(MountSpec::image)
                .filter(Objects::nonNull)
                .map(ImageVolume::image)
                .toList();
    }

    /** The same with other limits. */
    public ContainerSpec with(Resources limits) {
        return with(envs, mounts, limits, security);
    }

    /** The same with other variables and mounts, and with more groups for its user. */
    public ContainerSpec with(List<EnvVar> variables, List<MountSpec> volumes, List<Long> moreGroups) {
        return with(variables, volumes, resources, security.with(moreGroups));
    }

    private ContainerSpec with(
            List<EnvVar> variables, List<MountSpec> volumes, Resources limits, ContainerSecurity rights) {
        return new ContainerSpec(
                metadata,
                image,
                command,
                args,
                workingDir,
                variables,
                volumes,
                devices,
                cdiDevices,
                labels,
                annotations,
                logPath,
                stdin,
                stdinOnce,
                tty,
                stopSignal,
                limits,
                rights);
    }

    /**
     * What is executed; empty where neither says. A command replaces the image's entrypoint and drops its arguments; arguments replace
     * the image's.
     */
    public List<String> argv(ImageConfig image) {
        List<String> argv = new ArrayList<>(command.isEmpty() ? image.entrypoint() : command);
        argv.addAll(command.isEmpty() && args.isEmpty() ? image.cmd() : args);
        return argv;
    }

    /** The directory it is executed in; empty where neither says. */
    public String directory(ImageConfig image) {
        return workingDir.isEmpty() ? image.workingDir() : workingDir;
    }
}
