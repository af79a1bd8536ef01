package dev.coracle.cli;

import dev.coracle.planner.Settings;

/**
 * What holds for the containers of every runtime handler, as {@code [containers]} configures it.
 *
 * @param pidsLimit processes and threads of one container, 0 to {@link Setting#PIDS_MAX}; 0 for any number. Beside what the pod's group
 *     allows
 * @param deviceOwnership devices given by the request belong to its {@code run_as_user} and {@code run_as_group}
 */
record ContainerDefaults(long pidsLimit, boolean deviceOwnership) {
    Settings in(Settings settings) {
        return settings.forContainers(pidsLimit, deviceOwnership);
    }
}
