package dev.coracle.image;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Servers that did not answer a short while ago: they are asked last, so that not every pull waits for them again. Safe for any thread.
 */
final class DeadHosts {
    private final Duration memory;
    private final Map<String, Long> silentSince = new ConcurrentHashMap<>();

    /** @param memory for how long it counts that a server did not answer */
    DeadHosts(Duration memory) {
        this.memory = memory;
    }

    boolean contains(RegistryHost host) {
        Long since = silentSince.get(host.name());
        if (since == null) {
            return false;
        }
        boolean counts = System.nanoTime() - since < memory.toNanos();
        if (!counts) {
            silentSince.remove(host.name(), since);
        }
        return counts;
    }

    void add(RegistryHost host) {
        silentSince.put(host.name(), System.nanoTime());
    }

    void remove(RegistryHost host) {
        silentSince.remove(host.name());
    }
}
