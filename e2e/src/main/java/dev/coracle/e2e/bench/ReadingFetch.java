package dev.coracle.e2e.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;

/** By a client whose answers are read from a stream, each connection on a virtual thread. */
record ReadingFetch(Client client) implements ClientBench.Fetch {
    private static final int STEP = 16 << 10;

    /** Asks for one stretch. */
    interface Client {
        /**
         * Its content.
         *
         * @param range a Range header's value
         */
        InputStream open(String range) throws IOException, InterruptedException;
    }

    @Override
    public void run(ClientBench.Stretches stretches, int connections) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            Thread.ofVirtual().start(() -> {
                fetchAll(stretches);
                done.countDown();
            });
        }
        done.await();
    }

    private void fetchAll(ClientBench.Stretches stretches) {
        byte[] bytes = new byte[STEP];
        try {
            for (String range = stretches.next(); !range.isEmpty(); range = stretches.next()) {
                try (InputStream in = client.open(range)) {
                    for (int length = in.read(bytes); length > 0; length = in.read(bytes)) {
                        stretches.came(length);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
