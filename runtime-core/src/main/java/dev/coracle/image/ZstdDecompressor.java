package dev.coracle.image;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/** Zstandard (RFC 8878), frames one after the other. A frame whose window is above 128 MiB is refused by the library. */
final class ZstdDecompressor implements Decompressor {
    private final ZstdDecompressCtx stream = new ZstdDecompressCtx();
    /** The library takes direct memory only. */
    private final ByteBuffer staged =
            ByteBuffer.allocateDirect(BlobReader.BUFFER_BYTES).limit(0);

    private boolean betweenFrames;

    @Override
    public void run(ByteBuffer input, ByteBuffer output) throws LayerFault {
        while (output.hasRemaining()) {
            if (!staged.hasRemaining()) {
                staged.clear().put(input).flip();
            }
            if (betweenFrames && !staged.hasRemaining()) {
                return;
            }
            int before = output.remaining() + staged.remaining();
            step(output);
            if (output.remaining() + staged.remaining() == before) {
                return;
            }
        }
    }

    private void step(ByteBuffer output) throws LayerFault {
        try {
            betweenFrames = stream.decompressDirectByteBufferStream(output, staged);
        } catch (ZstdException e) {
            throw new LayerFault("its zstd stream is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean atEnd() {
        return betweenFrames && !staged.hasRemaining();
    }

    @Override
    public void close() {
        stream.close();
    }
}
