package dev.coracle.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * What devices named by the Container Device Interface add to a container (CDI specification, {@code containerEdits}).
 *
 * @param env set over the client's variables
 * @param groups supplementary ones, beside the client's
 */
public record ContainerEdits(
        List<EnvVar> env, List<DeviceNode> devices, List<MountSpec> mounts, List<Hook> hooks, List<Long> groups) {
    public static final ContainerEdits NONE = new ContainerEdits(List.of(), List.of(), List.of(), List.of(), List.of());

    public ContainerEdits {
        env = List.copyOf(env);
        devices = List.copyOf(devices);
        mounts = List.copyOf(mounts);
        hooks = List.copyOf(hooks);
        groups = List.copyOf(groups);
    }

    /** These, then {@code more}. */
    public ContainerEdits plus(ContainerEdits more) {
        return new ContainerEdits(
                joined(env, more.env),
                joined(devices, more.devices),
                joined(mounts, more.mounts),
                joined(hooks, more.hooks),
                joined(groups, more.groups));
    }

    /** The container with the variables, mounts and groups; mounts keep the client's where they are, and cover them. */
    public ContainerSpec applyTo(ContainerSpec spec) {
        return equals(NONE) ? spec : spec.with(joined(spec.envs(), env), joined(spec.mounts(), mounts), groups);
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
