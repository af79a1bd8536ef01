package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.net.AttachmentKey;
import dev.coracle.net.PlanRunner;
import dev.coracle.plan.ProgramAnswer;
import dev.coracle.spec.PodId;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The plugins of one network called in order for one pod (CNI specification 1.1, section 3). One thread. */
final class PluginCalls {
    /** The interface inside the pod; the other runtimes call it so, and network policy agents look for it. */
    static final String INTERFACE = "eth0";

    /** Within the four minutes that a kubelet waits for RunPodSandbox, with room for the release. */
    private static final Duration ADD_DEADLINE = Duration.ofMinutes(3);

    private static final Duration DEADLINE = Duration.ofMinutes(1);

    private final Attached attached;
    private final NetworkConfiguration network;
    private final PodId pod;
    private final String netns;
    private final PluginPath path;
    private final PlanRunner runner;

    /** {@code netns} is empty when the namespace is gone. */
    PluginCalls(Attached attached, PodId pod, String netns, PluginPath path, PlanRunner runner) {
        this.attached = attached;
        this.network = attached.network();
        this.pod = pod;
        this.netns = netns;
        this.path = path;
        this.runner = runner;
    }

    /** Each plugin gets the result of the one before it; the last one's is the network's. */
    CniResult add() {
        CniResult result = null;
        for (Plugin plugin : network.plugins()) {
            PluginCall call = call(CniVerb.ADD, plugin, result);
            String answer = succeed(call, ADD_DEADLINE).stdout().utf8();
            if (!answer.isBlank()) {
                result = CniResult.parse(answer, call.action(network.name()));
            }
        }
        return result == null ? new CniResult(Map.of()) : result;
    }

    /** In reverse, to the end even where one fails: the others still have something to release. */
    void delete() {
        CniResult previous = network.atLeast(0, 4) ? attached.result() : null;
        RuntimeFailure failure = null;
        for (Plugin plugin : network.plugins().reversed()) {
            try {
                succeed(call(CniVerb.DEL, plugin, previous), DEADLINE);
            } catch (RuntimeFailure e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Asks each plugin whether what it made is still there. */
    void check() {
        for (Plugin plugin : network.plugins()) {
            succeed(call(CniVerb.CHECK, plugin, attached.result()), DEADLINE);
        }
    }

    /** Tells every plugin which attachments are still in use, so that it can release all others. */
    static void collect(
            NetworkConfiguration network, PluginPath path, Collection<AttachmentKey> valid, PlanRunner runner) {
        List<Map<String, Object>> attachments = valid.stream()
                .map(key -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("containerID", key.pod().value());
                    one.put("ifname", key.interfaceName());
                    return one;
                })
                .toList();
        for (Plugin plugin : network.plugins()) {
            Map<String, Object> input = PluginInput.of(network, plugin, Map.of(), null);
            input.put("cni.dev/valid-attachments", attachments);
            List<String> environment = List.of("CNI_COMMAND=GC", "CNI_PATH=" + path.variable());
            succeed(new PluginCall(CniVerb.GC, plugin, environment, input), network.name(), path, runner, DEADLINE);
        }
    }

    private PluginCall call(CniVerb verb, Plugin plugin, @Nullable CniResult previous) {
        List<String> environment = List.of(
                "CNI_COMMAND=" + verb,
                "CNI_CONTAINERID=" + pod.value(),
                "CNI_NETNS=" + netns,
                "CNI_IFNAME=" + INTERFACE,
                "CNI_ARGS=" + attached.arguments(),
                "CNI_PATH=" + path.variable());
        return new PluginCall(
                verb, plugin, environment, PluginInput.of(network, plugin, attached.capabilities(), previous));
    }

    private ProgramAnswer succeed(PluginCall call, Duration deadline) {
        return succeed(call, network.name(), path, runner, deadline);
    }

    private static ProgramAnswer succeed(
            PluginCall call, String network, PluginPath path, PlanRunner runner, Duration deadline) {
        String action = call.action(network);
        ProgramAnswer outcome = runner.run(call.plan(path.require(call.plugin(), action), deadline), deadline)
                .program(PluginCall.ANSWER);
        if (outcome.waitStatus() != 0 || outcome.timedOut()) {
            throw PluginFailure.of(action, outcome);
        }
        return outcome;
    }
}
