package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Frames as bytes. */
class FrameTest {
    @Test
    void numbersAndTextsComeBack() throws ProtocolException {
        ByteBuffer bytes =
                Frame.numbered(Frame.of(FrameType.SIGNAL, 0, 15, "ä", ""), 7).order(ByteOrder.LITTLE_ENDIAN);
        Frame frame = Objects.requireNonNull(Frame.take(bytes));
        assertThat(frame.type()).isEqualTo(FrameType.SIGNAL);
        assertThat(frame.id()).isEqualTo(7);
        assertThat(frame.payload().getInt()).isEqualTo(15);
        assertThat(frame.text()).isEqualTo("ä");
        assertThat(frame.text()).isEmpty();
        assertThat(frame.payload().hasRemaining()).isFalse();
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void aFrameIsTakenOnceItIsWhole() throws ProtocolException {
        ByteBuffer whole = Frame.ofTexts(FrameType.ACK, "some id");
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer part = whole.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(Frame.take(part)).isNull();
            assertThat(part.position()).isZero();
        }
    }

    @Test
    void aLengthBeyondTheLimitIsRefused() {
        ByteBuffer head =
                ByteBuffer.allocate(Frame.HEAD).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1 << 20);
        assertThatThrownBy(() -> Frame.take(head)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void waitStatusesAreExitCodes() {
        assertThat(WaitStatus.code(3 << 8)).isEqualTo(3);
        assertThat(WaitStatus.code(9)).isEqualTo(137);
        assertThat(WaitStatus.code(11 | 0x80)).as("with a core dump").isEqualTo(139);
    }
}
