package dev.coracle.cri;

import dev.coracle.proto.v1.ContainerFilter;
import dev.coracle.proto.v1.ContainerStatsFilter;
import dev.coracle.proto.v1.PodSandboxFilter;
import dev.coracle.proto.v1.PodSandboxStatsFilter;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.Map;

/** Which records a list shows: those that meet every condition; an id is met by any beginning of it, labels exactly. */
public final class Filters {
    private Filters() {}

    public static boolean matches(PodSandboxFilter filter, PodRecord pod) {
        return pod.id().value().startsWith(filter.getId())
                && (!filter.hasState() || filter.getState().getState() == SandboxOut.state(pod))
                && containsAll(pod.spec().labels(), filter.getLabelSelectorMap());
    }

    public static boolean matches(ContainerFilter filter, ContainerRecord container) {
        return container.id().value().startsWith(filter.getId())
                && container.pod().value().startsWith(filter.getPodSandboxId())
                && (!filter.hasState() || filter.getState().getState() == ContainerOut.state(container))
                && containsAll(container.spec().labels(), filter.getLabelSelectorMap());
    }

    public static boolean matches(ContainerStatsFilter filter, ContainerRecord container) {
        return container.id().value().startsWith(filter.getId())
                && container.pod().value().startsWith(filter.getPodSandboxId())
                && containsAll(container.spec().labels(), filter.getLabelSelectorMap());
    }

    public static boolean matches(PodSandboxStatsFilter filter, PodRecord pod) {
        return pod.id().value().startsWith(filter.getId())
                && containsAll(pod.spec().labels(), filter.getLabelSelectorMap());
    }

    private static boolean containsAll(Map<String, String> labels, Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }
}
