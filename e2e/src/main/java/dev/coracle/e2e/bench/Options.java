package dev.coracle.e2e.bench;

import dev.coracle.e2e.Registry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the command line asks for; see e2e/tools/bench.sh. */
record Options(
        Map<String, String> contenders,
        List<String> what,
        int rounds,
        int warmUp,
        int pods,
        int logLines,
        String registry) {

    static Options of(String[] arguments) {
        Map<String, String> contenders = new LinkedHashMap<>();
        Map<String, String> settings = new LinkedHashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (argument.startsWith("--")) {
                settings.put(parts[0].substring(2), parts.length > 1 ? parts[1] : "");
            } else {
                contenders.put(parts[0], parts.length > 1 ? parts[1] : parts[0]);
            }
        }
        if (contenders.isEmpty()) {
            contenders.put("coracle", "coracle");
        }
        String what = settings.getOrDefault("what", "");
        return new Options(
                contenders,
                what.isEmpty() ? List.of() : List.of(what.split(",", -1)),
                number(settings, "rounds", 50),
                number(settings, "warm-up", 10),
                number(settings, "pods", 20),
                number(settings, "log-lines", 500_000),
                settings.getOrDefault("registry", Registry.ADDRESS));
    }

    private static int number(Map<String, String> settings, String name, int standard) {
        return Integer.parseInt(settings.getOrDefault(name, String.valueOf(standard)));
    }
}
