package dev.coracle.net.cni;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProgramOp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One call of one plugin as a plan with one {@code run} op: it is carried out by the pod's shim, survives the daemon, can be
 * awaited or killed after a restart, and costs no process of the JVM's.
 *
 * @param environment the parameters of CNI specification 1.1, section 2
 */
record PluginCall(CniVerb verb, Plugin plugin, List<String> environment, Map<String, Object> input) {
    /** The name of the answer in the plan. */
    static final String ANSWER = "plugin";

    /** A result is a few hundred bytes; a plugin that writes more than this is broken. */
    private static final long OUTPUT_LIMIT = 1 << 20;

    PluginCall {
        environment = List.copyOf(environment);
    }

    /** What a failure's message begins with. */
    String action(String network) {
        String what = switch (verb) {
            case ADD -> "attach pod to network ";
            case DEL -> "detach pod from network ";
            case CHECK -> "check pod's network ";
            case GC -> "collect garbage of network ";
            case STATUS -> "ask status of network ";
        };
        return what + network + ": plugin " + plugin.type() + " " + verb;
    }

    /** The plan, for a program found at this path, killed at this deadline. */
    Plan plan(Path program, Duration deadline) {
        List<String> env = new ArrayList<>(environment);
        env.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return Plan.titled("cni " + verb + " " + plugin.type())
                .host(new ProgramOp.Run(
                        List.of(program.toString()),
                        env,
                        Bytes.utf8(Json.text(input)),
                        OUTPUT_LIMIT,
                        deadline.toMillis(),
                        ANSWER))
                .build();
    }
}
