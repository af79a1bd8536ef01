package dev.coracle.pod;

/** One client's place in the row of what happens to pods and containers. One thread reads; any may close. */
public interface Following extends AutoCloseable {
    /**
     * The next event, when it happens.
     *
     * @throws dev.coracle.failure.RuntimeFailure.Exhausted if it is gone, as this client was too slow; the message says how many are
     * @throws dev.coracle.failure.RuntimeFailure.Cancelled if the client goes away first
     */
    Listed<Announcement> next(Cancellation cancellation);

    @Override
    void close();
}
