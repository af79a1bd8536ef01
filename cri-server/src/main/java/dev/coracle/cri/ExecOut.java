package dev.coracle.cri;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.coracle.pod.ExecResult;
import dev.coracle.proto.v1.ExecSyncResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes {@code ExecSyncResponse} around what a command printed, without copying it: 16 MiB in a message of protobuf's own would
 * be twice that on the heap.
 */
final class ExecOut {
    private ExecOut() {}

    static EncodedAnswer response(ExecResult result) {
        List<ByteBuffer> parts = new ArrayList<>();
        addBytes(parts, ExecSyncResponse.STDOUT_FIELD_NUMBER, result.stdout());
        addBytes(parts, ExecSyncResponse.STDERR_FIELD_NUMBER, result.stderr());
        parts.add(ByteBuffer.wrap(ExecSyncResponse.newBuilder()
                .setExitCode(result.exitCode())
                .build()
                .toByteArray()));
        return new EncodedAnswer(parts, Optional.of(result::close));
    }

    private static void addBytes(List<ByteBuffer> parts, int field, List<ByteBuffer> value) {
        int length = 0;
        for (ByteBuffer part : value) {
            length += part.remaining();
        }
        if (length > 0) {
            parts.add(header(field, length));
            parts.addAll(value);
        }
    }

    private static ByteBuffer header(int field, int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream coded = CodedOutputStream.newInstance(bytes);
        try {
            coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            coded.writeUInt32NoTag(length);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}
