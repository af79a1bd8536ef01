package dev.coracle.pod;

import dev.coracle.state.ContainerState;

/** States in words, for messages. */
final class States {
    private States() {}

    static String word(ContainerState state) {
        return switch (state) {
            case ContainerState.Creating _ -> "being created";
            case ContainerState.Created _ -> "created";
            case ContainerState.Starting _ -> "being started";
            case ContainerState.Running _ -> "running";
            case ContainerState.Stopping stopping -> stopping.killing() ? "being killed" : "being stopped";
            case ContainerState.Exited _ -> "exited";
            case ContainerState.Removing _ -> "being removed";
        };
    }
}
