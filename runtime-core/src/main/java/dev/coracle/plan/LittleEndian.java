package dev.coracle.plan;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow: little endian numbers and terminated, counted strings. One thread. */
final class LittleEndian {
    private byte[] bytes;
    private int size;

    /** @param capacity how many bytes fit before it grows: at least 8 */
    LittleEndian(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    LittleEndian u16(int value) {
        return number(value, 2);
    }

    LittleEndian u32(int value) {
        return number(value, 4);
    }

    LittleEndian u64(long value) {
        return number(value, 8);
    }

    private LittleEndian number(long value, int width) {
        makeRoom(width);
        for (int i = 0; i < width; i++) {
            bytes[size++] = (byte) (value >>> (8 * i));
        }
        return this;
    }

    /** As UTF-8; refuses NUL ({@link IllegalArgumentException}). */
    LittleEndian string(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a string of a plan holds NUL");
        }
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The length, the bytes, and a zero that the length does not count. */
    LittleEndian bytes(byte[] more) {
        return u32(more.length).append(more, more.length).number(0, 1);
    }

    LittleEndian append(LittleEndian other) {
        return append(other.bytes, other.size);
    }

    private LittleEndian append(byte[] more, int length) {
        makeRoom(length);
        System.arraycopy(more, 0, bytes, size, length);
        size += length;
        return this;
    }

    private void makeRoom(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
