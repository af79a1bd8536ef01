package dev.coracle.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** An output that nobody reads until it is opened, as a pipe that is full. */
final class BlockedStream extends OutputStream {
    private final CountDownLatch opened = new CountDownLatch(1);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void open() {
        opened.countDown();
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) {
        boolean interrupted = Thread.interrupted();
        while (opened.getCount() > 0) {
            try {
                opened.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        bytes.write(b);
    }
}
