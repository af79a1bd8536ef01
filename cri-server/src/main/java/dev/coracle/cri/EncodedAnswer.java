package dev.coracle.cri;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A response that is encoded already: the concatenation of its parts is the message. So a list costs no more than copying its
 * elements, each encoded once, and what a command printed is copied once, from where it lies to the socket.
 *
 * @param parts each from its position to its limit, not to be changed until {@code release} has run
 * @param release gives back what holds the parts; runs when the client has read nearly all of the answer, or cannot
 */
public record EncodedAnswer(List<ByteBuffer> parts, Optional<Runnable> release) implements AutoCloseable {
    private static final int COPY_BYTES = 32 << 10;

    /** Writes such a response; a server never reads one. */
    static final MethodDescriptor.Marshaller<EncodedAnswer> MARSHALLER = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(EncodedAnswer value) {
            return new Drain(value);
        }

        @Override
        public EncodedAnswer parse(InputStream stream) {
            throw new UnsupportedOperationException("a server reads no responses");
        }
    };

    public EncodedAnswer {
        parts = List.copyOf(parts);
    }

    /** Of elements that are encoded with their tag and length. */
    public static EncodedAnswer ofElements(Stream<byte[]> elements) {
        return new EncodedAnswer(elements.map(ByteBuffer::wrap).toList(), Optional.empty());
    }

    /** Whether something scarce is given back by {@link #close}: not before the client has read the answer. */
    boolean holds() {
        return release.isPresent();
    }

    @Override
    public void close() {
        release.ifPresent(Runnable::run);
    }

    int length() {
        int length = 0;
        for (ByteBuffer part : parts) {
            length = Math.addExact(length, part.remaining());
        }
        return length;
    }

    private void writeTo(OutputStream target) throws IOException {
        byte[] copy = new byte[0];
        for (ByteBuffer part : parts) {
            if (part.hasArray()) {
                target.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
                continue;
            }
            copy = copy.length == 0 ? new byte[COPY_BYTES] : copy;
            ByteBuffer rest = part.duplicate();
            while (rest.hasRemaining()) {
                int count = Math.min(rest.remaining(), copy.length);
                rest.get(copy, 0, count);
                target.write(copy, 0, count);
            }
        }
    }

    /** gRPC drains it in one go; it has no other use. */
    private static final class Drain extends InputStream implements Drainable, KnownLength {
        private final EncodedAnswer answer;
        private boolean drained;

        Drain(EncodedAnswer answer) {
            this.answer = answer;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = available();
            if (!drained) {
                answer.writeTo(target);
                drained = true;
            }
            return length;
        }

        @Override
        public int available() {
            return drained ? 0 : answer.length();
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("drained, never read");
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            throw new UnsupportedOperationException("drained, never read");
        }
    }
}
