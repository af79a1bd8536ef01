package dev.coracle.cli;

import java.util.Collection;

/** The command line or the configuration is wrong; the message is for the person who wrote it. */
@SuppressWarnings("serial") // never leaves this process as a Java object
final class UsageError extends RuntimeException {
    /** Edits between what was written and what was meant, beyond which a suggestion would only confuse. */
    private static final int EDITS_MAX = 3;

    UsageError(String message) {
        super(message);
    }

    /** {@code ", did you mean NAME?"} for the known name that looks most like {@code unknown}; empty when none does. */
    static String suggestion(String unknown, Collection<String> known) {
        String nearest = "";
        int least = Math.min(EDITS_MAX, unknown.length() / 2) + 1;
        for (String candidate : known) {
            int edits = edits(unknown, candidate);
            if (edits < least) {
                least = edits;
                nearest = candidate;
            }
        }
        return nearest.isEmpty() ? "" : ", did you mean " + nearest + "?";
    }

    /** Levenshtein's distance. */
    private static int edits(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
