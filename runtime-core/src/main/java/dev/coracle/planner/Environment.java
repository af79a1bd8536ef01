package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.ResolvedUser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The variables of a container's processes: the defaults, over them the image's, over them the client's. */
final class Environment {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * Puts it together.
     *
     * @param terminal whether the process has one
     * @throws InvalidSpec if a name is empty or holds {@code =}, or HOME holds a line break
     */
    Environment(ContainerOrder order, ResolvedUser user, boolean terminal, Host host) {
        values.put("PATH", DEFAULT_PATH);
        values.put("HOSTNAME", order.pod().hostname(host));
        if (terminal) {
            values.put("TERM", "xterm");
        }
        addAll(order.image().env(), "image.env");
        addAll(order.spec().envs(), "envs");
        // an empty one too: runc has done so always, and shells rely on it
        if (values.getOrDefault("HOME", "").isEmpty()) {
            values.put("HOME", user.home());
        }
        if (values.getOrDefault("HOME", "").contains("\n")) {
            throw new InvalidSpec("envs", "HOME holds a line break");
        }
    }

    private void addAll(List<EnvVar> variables, String field) {
        for (EnvVar variable : variables) {
            if (variable.name().isEmpty() || variable.name().contains("=")) {
                throw new InvalidSpec(field, "\"" + variable.name() + "\" is not the name of a variable");
            }
            if (variable.name().indexOf('\0') >= 0 || variable.value().indexOf('\0') >= 0) {
                throw new InvalidSpec(field, "variable " + variable.name().replace("\0", "") + " holds a zero byte");
            }
            values.put(variable.name(), variable.value());
        }
    }

    String path() {
        return values.getOrDefault("PATH", DEFAULT_PATH);
    }

    /** As execve takes it. */
    List<String> lines() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }
}
