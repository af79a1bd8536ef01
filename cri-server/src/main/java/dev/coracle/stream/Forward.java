package dev.coracle.stream;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.pod.Pods;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection into a pod, and its two streams to the client. The thread of {@link PortForwarding} adds what the client does; one
 * virtual thread carries that to the pod while a second one carries back what the pod says. Each way ends on its own.
 */
final class Forward {
    private static final Logger LOG = LoggerFactory.getLogger(Forward.class);

    private static final int BUFFER = 16 << 10;
    private static final int NONE = -1;
    /** Stands for the pod in {@link Event.Ended}. */
    private static final int POD = -2;
    /** For what is on its way to the pod when the client has gone. */
    private static final long DRAIN_SECONDS = 1;

    /** Where to. */
    record To(PodId pod, int port) {}

    private final Pods pods;
    private final Link link;
    private final To to;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Runnable whenDone;
    private int data = NONE;
    private int error = NONE;
    private boolean ended; // this and the next guarded by itself
    private boolean reset;
    private volatile boolean done;

    Forward(Pods pods, Link link, To to, Runnable whenDone) {
        this.pods = pods;
        this.link = link;
        this.to = to;
        this.whenDone = whenDone;
    }

    /** Whether that stream is still missing. */
    boolean takes(boolean dataStream) {
        return (dataStream ? data : error) == NONE;
    }

    void hasData(int stream) {
        data = stream;
        has(data, error);
    }

    void hasError(int stream) {
        error = stream;
        has(data, error);
    }

    /** Begins once both are there. */
    void has(int dataStream, int errorStream) {
        data = dataStream;
        error = errorStream;
        if (data != NONE && error != NONE) {
            Thread.ofVirtual().name("forward to port " + to.port()).start(this::run);
        }
    }

    /** The client has gone, maybe before it had opened both. */
    void gone() {
        if (data == NONE || error == NONE) {
            end();
        } else {
            var _ = add(new Event.Gone());
        }
    }

    /** False if nobody takes it any more. What a client says twice counts once, or it could go on saying it. */
    synchronized boolean add(Event event) {
        return !done && (said(event) || events.add(event));
    }

    private boolean said(Event event) {
        boolean before = false;
        if (event instanceof Event.Ended(int stream) && stream != POD) {
            before = ended;
            ended = true;
        } else if (event instanceof Event.Reset) {
            before = reset;
            reset = true;
        }
        return before;
    }

    boolean done() {
        return done;
    }

    private void run() {
        try (SocketChannel socket = pods.connect(to.pod(), to.port())) {
            link.wire().whenGone(() -> Thread.ofVirtual().start(() -> closeLater(socket)));
            Thread.ofVirtual().name("forward from port " + to.port()).start(() -> carryBack(socket));
            carryOver(socket);
            link.finish(error);
        } catch (RuntimeFailure e) {
            LOG.info("forward: {}", e.getMessage());
            byte[] message = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
            var _ = link.send(error, ByteBuffer.wrap(message));
            link.finish(error);
            link.reset(data);
        } catch (IOException e) {
            LOG.debug("close a forwarded connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
            whenDone.run();
        }
    }

    /** What comes too late is given back. */
    private synchronized void end() {
        done = true;
        for (Event event = events.poll(); event != null; event = events.poll()) {
            if (event instanceof Event.Sent sent) {
                link.wire().done(sent);
            }
        }
    }

    /** Returns when both sides have said all, or when the client wants no more. */
    private void carryOver(SocketChannel socket) throws InterruptedException {
        boolean clientEnded = false;
        boolean podEnded = false;
        while (!(clientEnded && podEnded)) {
            switch (podEnded ? afterThePod() : events.take()) {
                case Event.Sent sent -> write(socket, sent);
                case Event.Ended(int stream) when stream == POD -> podEnded = true;
                case Event.Ended _ -> {
                    clientEnded = true;
                    shutdownOutput(socket);
                }
                case Event.Reset _, Event.Gone _ -> {
                    return;
                }
                case Event.Opened _ -> throw new IllegalStateException("opened twice");
                case null -> {
                    return;
                }
            }
        }
    }

    /** Over WebSocket nobody can say that a stream has ended: a moment without anything must do. */
    private @Nullable Event afterThePod() throws InterruptedException {
        return link instanceof SpdyLink ? events.take() : events.poll(DRAIN_SECONDS, TimeUnit.SECONDS);
    }

    /** What the pod does not take any more is given back all the same. */
    private void write(SocketChannel socket, Event.Sent sent) {
        try {
            ByteBuffer bytes = sent.bytes().nioBuffer();
            while (bytes.hasRemaining()) {
                socket.write(bytes);
            }
        } catch (IOException e) {
            LOG.debug("the pod has closed port {}", to.port(), e);
        } finally {
            link.wire().done(sent);
        }
    }

    private static void shutdownOutput(SocketChannel socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("the pod was faster", e);
        }
    }

    private void carryBack(SocketChannel socket) {
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
        try {
            while (socket.read(bytes) >= 0 && link.send(data, bytes.flip())) {
                bytes.clear();
            }
            link.finish(data);
        } catch (IOException e) {
            link.reset(data);
        }
        var _ = add(new Event.Ended(POD));
    }

    private static void closeLater(SocketChannel socket) {
        try {
            TimeUnit.SECONDS.sleep(DRAIN_SECONDS);
            socket.close();
        } catch (IOException e) {
            LOG.debug("close a forwarded connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
