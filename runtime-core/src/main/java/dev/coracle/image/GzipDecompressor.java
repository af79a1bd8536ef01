package dev.coracle.image;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * gzip (RFC 1952), members one after the other. The checksum in a member's trailer is passed over: the digest of the
 * uncompressed stream, which is checked, says more.
 */
final class GzipDecompressor implements Decompressor {
    /** Where in a member the next byte belongs. */
    private enum Part {
        FIXED,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CHECKSUM,
        BODY,
        TRAILER
    }

    private static final int FIXED_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    private static final int HAS_CHECKSUM = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;

    private final Inflation inflation;
    /** What is not used yet, and before it {@link Inflation#BACKLOG_BYTES} of what was. */
    private final ByteBuffer staged = ByteBuffer.allocateDirect(Inflation.BACKLOG_BYTES + BlobReader.BUFFER_BYTES)
            .position(Inflation.BACKLOG_BYTES)
            .limit(Inflation.BACKLOG_BYTES);

    private Part part = Part.FIXED;
    private int seen;
    private int flags;
    private int extraLength;

    GzipDecompressor(Inflation inflation) {
        this.inflation = inflation;
    }

    @Override
    public void run(ByteBuffer input, ByteBuffer output) throws LayerFault {
        while (output.hasRemaining()) {
            if (!staged.hasRemaining()) {
                stage(input);
            }
            if (part == Part.BODY) {
                if (!inflate(output) && !input.hasRemaining()) {
                    return;
                }
            } else if (staged.hasRemaining()) {
                frame(Byte.toUnsignedInt(staged.get()));
            } else {
                return;
            }
        }
    }

    @Override
    public boolean atEnd() {
        return part == Part.FIXED && seen == 0 && !staged.hasRemaining();
    }

    @Override
    public void close() {
        inflation.close();
    }

    private void stage(ByteBuffer input) {
        staged.position(staged.limit() - Inflation.BACKLOG_BYTES).compact();
        int step = Math.min(staged.remaining(), input.remaining());
        staged.put(input.slice(input.position(), step)).flip().position(Inflation.BACKLOG_BYTES);
        input.position(input.position() + step);
    }

    /** Says false when it can do no more without input. */
    private boolean inflate(ByteBuffer output) throws LayerFault {
        int before = staged.remaining() + output.remaining();
        boolean ended;
        try {
            ended = inflation.run(staged, output);
        } catch (DataFormatException e) {
            throw new LayerFault("its gzip stream is damaged: " + e.getMessage(), e);
        }
        if (!ended && staged.hasRemaining() && staged.remaining() + output.remaining() == before) {
            throw new LayerFault("its gzip stream is damaged: it leads nowhere");
        }
        if (ended) {
            inflation.reset();
            enter(Part.TRAILER);
        }
        return ended || staged.hasRemaining() || !output.hasRemaining();
    }

    /** Takes one byte of what stands around the compressed data. */
    private void frame(int b) throws LayerFault {
        seen++;
        switch (part) {
            case FIXED -> fixed(b);
            case EXTRA_LENGTH -> {
                extraLength |= b << (8 * (seen - 1));
                if (seen == 2) {
                    enter(extraLength == 0 ? after(Part.EXTRA) : Part.EXTRA);
                }
            }
            case EXTRA -> enterIf(seen == extraLength, after(Part.EXTRA));
            case NAME -> enterIf(b == 0, after(Part.NAME));
            case COMMENT -> enterIf(b == 0, after(Part.COMMENT));
            case HEADER_CHECKSUM -> enterIf(seen == 2, Part.BODY);
            case TRAILER -> enterIf(seen == TRAILER_BYTES, Part.FIXED);
            case BODY -> throw new IllegalStateException("the body is not taken byte by byte");
        }
    }

    private void fixed(int b) throws LayerFault {
        boolean wrong = (seen == 1 && b != 0x1f) || (seen == 2 && b != 0x8b) || (seen == 3 && b != 8);
        if (wrong) {
            throw new LayerFault("its gzip stream is damaged: a member does not start as one");
        }
        if (seen == 4) {
            flags = b;
        }
        if (seen == FIXED_BYTES) {
            extraLength = 0;
            enter((flags & HAS_EXTRA) != 0 ? Part.EXTRA_LENGTH : after(Part.EXTRA));
        }
    }

    /** The next part of the header that the flags announce. */
    private Part after(Part done) {
        if (done.compareTo(Part.NAME) < 0 && (flags & HAS_NAME) != 0) {
            return Part.NAME;
        }
        if (done.compareTo(Part.COMMENT) < 0 && (flags & HAS_COMMENT) != 0) {
            return Part.COMMENT;
        }
        return (flags & HAS_CHECKSUM) != 0 ? Part.HEADER_CHECKSUM : Part.BODY;
    }

    private void enterIf(boolean done, Part next) {
        if (done) {
            enter(next);
        }
    }

    private void enter(Part next) {
        part = next;
        seen = 0;
    }
}
