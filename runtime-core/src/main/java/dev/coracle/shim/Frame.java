package dev.coracle.shim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One frame of the protocol, docs/shim-protocol.md.
 *
 * @param payload little endian; its reader moves its position
 */
record Frame(int type, int flags, long id, ByteBuffer payload) {
    static final int HEAD = 16;
    static final int MAX_PAYLOAD = 32_768;

    private static final int TYPE_AT = 4;
    private static final int FLAGS_AT = 5;
    private static final int ID_AT = 8;
    private static final int BYTES_PER_CHAR = 3;
    private static final int BYTE = 0xff;
    private static final int SHORT = 0xffff;

    /** A frame under construction, with room for {@code capacity} bytes of payload after its head. */
    static ByteBuffer begin(int type, int flags, long id, int capacity) {
        return ByteBuffer.allocate(HEAD + capacity)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .put((byte) type)
                .put((byte) flags)
                .putShort((short) 0)
                .putLong(id);
    }

    /** Ready to be sent. */
    static ByteBuffer end(ByteBuffer frame) {
        return frame.putInt(0, frame.position() - HEAD).flip();
    }

    /** A frame without payload. */
    static ByteBuffer of(int type, long id) {
        return end(begin(type, 0, id, 0));
    }

    /** A frame whose payload is a number, and texts after it. */
    static ByteBuffer of(int type, long id, int number, String... texts) {
        ByteBuffer frame = begin(type, 0, id, Integer.BYTES + size(texts)).putInt(number);
        return end(putTexts(frame, texts));
    }

    /** A request whose payload is texts. */
    static ByteBuffer ofTexts(int type, String... texts) {
        return end(putTexts(begin(type, 0, 0, size(texts)), texts));
    }

    /** The same frame with another id. */
    static ByteBuffer numbered(ByteBuffer frame, long id) {
        return frame.putLong(ID_AT, id);
    }

    /** More than the texts take. */
    private static int size(String... texts) {
        int size = 0;
        for (String text : texts) {
            size += Short.BYTES + BYTES_PER_CHAR * text.length();
        }
        return size;
    }

    private static ByteBuffer putTexts(ByteBuffer frame, String... texts) {
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            frame.putShort((short) bytes.length).put(bytes);
        }
        return frame;
    }

    /**
     * Takes the first frame off {@code received}, whose position moves behind it.
     *
     * @return null while it is not whole
     * @throws ProtocolException if these are no frames
     */
    static @Nullable Frame take(ByteBuffer received) throws ProtocolException {
        if (received.remaining() < HEAD) {
            return null;
        }
        int start = received.position();
        int length = head(received).length();
        if (received.remaining() < HEAD + length) {
            return null;
        }
        ByteBuffer payload = received.slice(start + HEAD, length).order(ByteOrder.LITTLE_ENDIAN);
        received.position(start + HEAD + length);
        return new Frame(
                received.get(start + TYPE_AT) & BYTE,
                received.get(start + FLAGS_AT) & BYTE,
                received.getLong(start + ID_AT),
                payload);
    }

    /** Type and length of the frame that begins there, its payload perhaps not yet here; {@code received} stays as it is. */
    static Head head(ByteBuffer received) throws ProtocolException {
        int start = received.position();
        int length = received.getInt(start);
        if (length < 0 || length > MAX_PAYLOAD) {
            throw new ProtocolException("a frame of " + length + " bytes");
        }
        return new Head(received.get(start + TYPE_AT) & BYTE, length);
    }

    record Head(int type, int length) {}

    /** The next text of the payload. */
    String text() {
        byte[] bytes = new byte[payload.getShort() & SHORT];
        payload.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
