package dev.coracle.stream;

import dev.coracle.cri.FakePods;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.shim.Session;
import dev.coracle.spec.PodId;
import dev.coracle.spec.StreamSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Pods in which every command says what it is told, and whose ports are this machine's. */
final class EchoPods extends FakePods {
    final AtomicInteger closed = new AtomicInteger();

    @Override
    public Session exec(StreamSpec.Exec command) {
        return new Echo();
    }

    @Override
    public SocketChannel connect(PodId pod, int port) {
        try {
            return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Echo implements Session {
        /** Without bytes: the end, which is a good one unless the session was closed. */
        private record Piece(@Nullable ByteBuffer bytes, boolean closed) {}

        private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();

        @Override
        public @Nullable Output read() {
            try {
                Piece piece = pieces.take();
                if (piece.closed()) {
                    throw new Cancelled("echo");
                }
                return piece.bytes() == null ? null : new Output(Stream.STDOUT, piece.bytes());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public int exitCode() {
            return 0;
        }

        @Override
        public void write(ByteBuffer stdin) {
            pieces.add(
                    new Piece(ByteBuffer.allocate(stdin.remaining()).put(stdin).flip(), false));
        }

        @Override
        public void closeStdin() {
            pieces.add(new Piece(null, false));
        }

        @Override
        public void resize(int rows, int columns) {}

        @Override
        public void kill() {}

        @Override
        public void close() {
            closed.incrementAndGet();
            pieces.add(new Piece(null, true));
        }
    }
}
