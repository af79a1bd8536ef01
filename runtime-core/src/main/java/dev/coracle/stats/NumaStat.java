package dev.coracle.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Reads {@code memory.numa_stat}: {@code file=12 N0=8 N1=4} in pages of version 1, {@code file N0=32768 N1=16384} in bytes of version 2. */
final class NumaStat {
    private static final Set<String> TYPES = Set.of("file", "anon", "unevictable");
    private static final String WHOLE = "hierarchical_";
    private static final long PAGE = 4096;

    private NumaStat() {}

    static List<NumaPages> version1(String text) {
        List<NumaPages> all = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            boolean whole = words[0].startsWith(WHOLE);
            String type = words[0].substring(whole ? WHOLE.length() : 0).replaceFirst("=.*", "");
            add(all, type, whole, 1, words);
        }
        return all;
    }

    /** Counts the groups below too. */
    static List<NumaPages> version2(String text) {
        List<NumaPages> all = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            add(all, words[0], true, PAGE, words);
        }
        return all;
    }

    /** {@code unit}: what a page is in the file's. */
    private static void add(List<NumaPages> all, String type, boolean whole, long unit, String[] words) {
        if (!TYPES.contains(type)) {
            return;
        }
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            OptionalLong value = FigureFile.number(words[i].substring(equals + 1));
            if (words[i].startsWith("N") && equals > 1 && value.isPresent()) {
                all.add(new NumaPages(type, whole, words[i].substring(1, equals), value.getAsLong() / unit));
            }
        }
    }
}
