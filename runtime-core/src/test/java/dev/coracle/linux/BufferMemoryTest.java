package dev.coracle.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class BufferMemoryTest {
    private static final int BYTES = 1 << 20;

    /** A page that was given back reads as zeros. */
    @Test
    void whatIsGivenBackIsGoneButForItsEnds() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
        fill(buffer);
        BufferMemory.release(buffer);
        int page = Native.C.getpagesize();
        int left = 0;
        for (int i = 0; i < BYTES; i++) {
            left += buffer.get(i);
        }
        assertThat(left).isLessThan(2 * page);
        assertThat(buffer.get(BYTES / 2)).isZero();
        fill(buffer);
        assertThat(buffer.get(BYTES / 2)).isEqualTo((byte) 1);
    }

    @Test
    void whatHasNoPageForItselfStays() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(16);
        fill(buffer);
        BufferMemory.release(buffer);
        assertThat(buffer.get(0)).isEqualTo((byte) 1);
    }

    private static void fill(ByteBuffer buffer) {
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.put(i, (byte) 1);
        }
    }
}
