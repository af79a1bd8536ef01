package dev.coracle.stream;

/**
 * How often in a row one has looked and seen that a machine was asked and had not answered. Looks are counted, not time: were the daemon
 * stopped for a while, no machine would be to blame. One thread.
 */
final class Silence {
    private long since;
    private int looks;

    /**
     * What one sees now.
     *
     * @param asked whether something is said again and again for want of an answer
     * @param heard when the machine was heard last, by the same clock as {@code now}
     * @return how often in a row it was so
     */
    int seen(long now, boolean asked, long heard) {
        if (!asked) {
            looks = 0;
        } else if (looks == 0 || heard > since) {
            since = now;
            looks = 1;
        } else {
            looks++;
        }
        return looks;
    }
}
