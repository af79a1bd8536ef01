package dev.coracle.stats;

import java.util.Map;

/**
 * What a group has read from and written to one block device.
 *
 * @param device {@code 8:0}
 * @param bytes by operation: {@code Read}, {@code Write}, {@code Discard}
 * @param operations the same, in numbers
 * @param costs ns, by what io.cost calls them: {@code usage}, {@code wait}, {@code indebt}, {@code indelay}; empty without it
 */
public record DeviceTraffic(
        String device, Map<String, Long> bytes, Map<String, Long> operations, Map<String, Long> costs) {
    public DeviceTraffic {
        bytes = Map.copyOf(bytes);
        operations = Map.copyOf(operations);
        costs = Map.copyOf(costs);
    }
}
