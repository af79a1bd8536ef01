package dev.coracle.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one platform thread that reads all control connections; what is not said to be for any thread belongs to it. A pod's bytes
 * go to its {@link ControlConnection}, which must not wait.
 */
final class ControlLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);
    private static final int BUFFER = 65_536;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final Thread thread;
    private volatile boolean closed;

    ControlLoop() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().daemon().name("shim-control").start(this::run);
    }

    /** Any thread: reads that connection from now on. */
    void add(ControlConnection connection) {
        later(() -> register(connection));
    }

    /** Any thread: tells the connection when its socket takes more. */
    void awaitRoom(ControlConnection connection) {
        later(() -> {
            SelectionKey key = connection.channel().keyFor(selector);
            if (key != null && key.isValid()) {
                key.interestOpsOr(SelectionKey.OP_WRITE);
            }
        });
    }

    /** Any thread. */
    void later(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private void register(ControlConnection connection) {
        try {
            connection.channel().register(selector, SelectionKey.OP_READ, connection);
        } catch (IOException e) {
            connection.ended(e);
        }
    }

    private void run() {
        while (!closed) {
            try {
                selector.select();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                selector.selectedKeys().forEach(this::serve);
                selector.selectedKeys().clear();
            } catch (IOException | RuntimeException e) { // a bug must not end the thread that all pods hang on
                LOG.error("read shims", e);
            }
        }
    }

    private void serve(SelectionKey key) {
        ControlConnection connection = (ControlConnection) key.attachment();
        try {
            if (key.isWritable() && connection.flush()) {
                key.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
            if (key.isReadable()) {
                read(connection);
            }
        } catch (IOException | CancelledKeyException | BufferUnderflowException e) {
            key.cancel();
            connection.ended(e);
        }
    }

    private void read(ControlConnection connection) throws IOException {
        received.clear();
        connection.restore(received);
        SocketChannel channel = connection.channel();
        if (channel.read(received) < 0) {
            throw new ProtocolException("the shim hung up");
        }
        received.flip();
        for (Frame frame = Frame.take(received); frame != null; frame = Frame.take(received)) {
            connection.on(frame);
        }
        connection.keep(received);
    }

    /** Any thread: returns when the thread has ended. Connections are closed by their owners. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("close selector", e);
        }
    }
}
