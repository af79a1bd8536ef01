package dev.coracle.planner;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The runtime handlers of this node: names that a RuntimeClass may ask for, and how each runs its pods. All stand for the built-in
 * runtime; the default one, named "", is always there.
 */
public record Handlers(Map<String, Settings> settings) {
    /** The name of the default one. */
    public static final String DEFAULT_NAME = "";

    /** Nothing but the default one. */
    public static final Handlers DEFAULT = new Handlers(Map.of());

    public Handlers {
        Map<String, Settings> all = new HashMap<>(settings);
        all.putIfAbsent(DEFAULT_NAME, Settings.DEFAULT);
        settings = Map.copyOf(all);
    }

    /** Empty where no handler of that name is configured. */
    public Optional<Settings> named(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /** For what does not depend on the handler, and for pods whose handler is not configured any more. */
    public Settings namedOrDefault(String name) {
        return named(name).orElseGet(() -> settings.getOrDefault(DEFAULT_NAME, Settings.DEFAULT));
    }

    /** In order, the default one first. */
    public Set<String> names() {
        return new TreeSet<>(settings.keySet());
    }
}
