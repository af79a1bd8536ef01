package dev.coracle.shim;

import dev.coracle.failure.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An exec or an attach over a connection of its own. What is read belongs to the one thread that reads; what is written goes under the lock
 * {@code writing}. Both wait in the JDK's own channel, which parks a virtual thread.
 */
final class ShimSession implements Session {
    /**
     * What the session is for.
     *
     * @param title for messages
     * @param failure what it means that the shim could not do it
     * @param lost what it means that the shim hangs up
     */
    record Purpose(String title, Function<PlanEnd.Failed, RuntimeFailure> failure, String lost) {}

    private static final int BUFFER = 16_384;

    private final SocketChannel channel;
    private final Purpose purpose;
    private final ReentrantLock writing = new ReentrantLock();

    private final ByteBuffer received =
            ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).flip();
    private Stream stream = Stream.STDOUT;
    private int left; // of the output frame under way
    private @Nullable Integer exitCode;

    private ShimSession(SocketChannel channel, Purpose purpose) {
        this.channel = channel;
        this.purpose = purpose;
    }

    /** {@code first} says what is wanted. */
    static ShimSession open(SocketChannel channel, ByteBuffer first, Purpose purpose) throws IOException {
        try {
            channel.write(first);
            return new ShimSession(channel, purpose);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public @Nullable Output read() {
        try {
            while (exitCode == null) {
                if (left > 0 && received.hasRemaining()) {
                    return new Output(stream, takeOutput());
                }
                if (left > 0 || !takeHead()) {
                    fill();
                }
            }
            return null;
        } catch (ClosedChannelException e) {
            throw new RuntimeFailure.Cancelled(purpose.title());
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable(purpose.title(), String.valueOf(e.getMessage()), e);
        }
    }

    private ByteBuffer takeOutput() {
        int length = Math.min(left, received.remaining());
        ByteBuffer bytes = received.slice(received.position(), length).asReadOnlyBuffer();
        received.position(received.position() + length);
        left -= length;
        return bytes;
    }

    /** Takes what begins now: the head of a frame of output, or the last frame. False: more must come. */
    private boolean takeHead() throws IOException {
        if (received.remaining() < Frame.HEAD) {
            return false;
        }
        Frame.Head head = Frame.head(received);
        return switch (head.type()) {
            case FrameType.STDOUT -> beginOutput(Stream.STDOUT, head.length());
            case FrameType.STDERR -> beginOutput(Stream.STDERR, head.length());
            case FrameType.EXIT, FrameType.FAILED -> takeLast();
            default -> throw new ProtocolException("a frame of type " + head.type());
        };
    }

    private boolean beginOutput(Stream from, int length) {
        stream = from;
        left = length;
        received.position(received.position() + Frame.HEAD);
        return true;
    }

    private boolean takeLast() throws IOException {
        Frame last = Frame.take(received);
        if (last != null) {
            end(last);
        }
        return last != null;
    }

    private void end(Frame last) {
        if (last.type() == FrameType.FAILED) {
            throw purpose.failure().apply(ControlConnection.failed(last));
        }
        exitCode = WaitStatus.code(last.payload().getInt());
    }

    private void fill() throws IOException {
        received.compact();
        int count = channel.read(received);
        received.flip();
        if (count < 0) {
            throw new ProtocolException(purpose.lost());
        }
    }

    @Override
    public int exitCode() {
        if (exitCode == null) {
            throw new IllegalStateException("output is left to be read");
        }
        return exitCode;
    }

    @Override
    public void write(ByteBuffer stdin) {
        while (stdin.hasRemaining()) {
            int length = Math.min(stdin.remaining(), Frame.MAX_PAYLOAD);
            ByteBuffer frame = Frame.begin(FrameType.STDIN, 0, 0, length);
            frame.put(stdin.slice(stdin.position(), length));
            stdin.position(stdin.position() + length);
            send(Frame.end(frame));
        }
    }

    @Override
    public void closeStdin() {
        send(Frame.of(FrameType.STDIN_CLOSE, 0));
    }

    @Override
    public void resize(int rows, int columns) {
        send(Frame.of(FrameType.WINDOW, 0, ConnectedShim.size(rows, columns)));
    }

    private void send(ByteBuffer frame) {
        writing.lock();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } catch (IOException e) {
            // the process has ended, or the session was closed: its reader learns how
        } finally {
            writing.unlock();
        }
    }

    /** Where input is stuck half-way in a frame, the connection is closed instead, and the shim takes its 2 s. */
    @Override
    public void kill() {
        if (writing.tryLock()) {
            try {
                send(Frame.of(FrameType.KILL, 0));
            } finally {
                writing.unlock();
            }
        } else {
            close();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was left to be written
        }
    }
}
