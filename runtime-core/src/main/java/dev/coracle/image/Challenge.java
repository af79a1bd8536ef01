package dev.coracle.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry asks for before it answers (RFC 9110, 11.6.1): a scheme, such as {@code bearer}, and its parameters.
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final Pattern PART =
            Pattern.compile("\\G[\\s,]*([A-Za-z][\\w-]*)(?:\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+)))?");

    /** All challenges of a WWW-Authenticate header; what cannot be read ends it. */
    static List<Challenge> parse(String header) {
        List<Challenge> challenges = new ArrayList<>();
        Matcher part = PART.matcher(header);
        while (part.find()) {
            String name = part.group(1).toLowerCase(Locale.ROOT);
            Optional<String> value = Optional.ofNullable(part.group(2))
                    .map(quoted -> quoted.replaceAll("\\\\(.)", "$1"))
                    .or(() -> Optional.ofNullable(part.group(3)));
            if (value.isEmpty()) {
                challenges.add(new Challenge(name, new HashMap<>()));
            } else if (!challenges.isEmpty()) {
                challenges.getLast().parameters.put(name, value.get());
            }
        }
        return challenges;
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
