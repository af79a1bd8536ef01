package dev.coracle.stats;

/**
 * Pages of a group on one memory node.
 *
 * @param type {@code file}, {@code anon} or {@code unevictable}
 * @param whole with those of the groups below
 * @param node its number: {@code 0}
 */
public record NumaPages(String type, boolean whole, String node, long pages) {}
