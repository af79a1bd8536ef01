package dev.coracle.planner;

import dev.coracle.spec.ResolvedUser;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program to run in a running container.
 *
 * @param id what the shim knows it by; free, at most 71 characters
 * @param container as it was started
 * @param user as it was decided for the container
 * @param command program and arguments
 * @param seccomp the container's own filter; null for none
 * @param apparmor name of the container's AppArmor profile; empty for none
 */
public record ExecOrder(
        String id,
        ContainerOrder container,
        ResolvedUser user,
        List<String> command,
        boolean stdin,
        boolean tty,
        @Nullable SeccompFilter seccomp,
        String apparmor) {
    public ExecOrder {
        command = List.copyOf(command);
    }
}
