package dev.coracle.stats;

/**
 * Pressure of one resource on one group: how long some or all of its processes waited for it.
 *
 * @param some at least one process waited
 * @param full all of them waited
 */
public record Psi(Line some, Line full) {
    /**
     * One line of a pressure file.
     *
     * @param totalNanos since the group was made
     * @param avg10 percent of the last 10 s
     * @param avg60 percent of the last 60 s
     * @param avg300 percent of the last 300 s
     */
    public record Line(long totalNanos, double avg10, double avg60, double avg300) {}
}
