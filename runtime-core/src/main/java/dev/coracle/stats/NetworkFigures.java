package dev.coracle.stats;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that is counted of a network namespace.
 *
 * @param interfaces all but the loopback
 * @param tcp what its TCP has counted, by the kernel's names in lower case: {@code activeopens}, {@code listendrops}
 */
public record NetworkFigures(List<InterfaceUsage> interfaces, Map<String, Long> tcp) {
    public static final NetworkFigures NONE = new NetworkFigures(List.of(), Map.of());

    public NetworkFigures {
        interfaces = List.copyOf(interfaces);
        tcp = new TreeMap<>(tcp);
    }
}
