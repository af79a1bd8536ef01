package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.CorruptedFrameException;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How clients' frames are read, whatever pieces they come in. */
final class FramePiecesTest {
    private static final byte[] MASK = {0x11, (byte) 0x92, 0x33, 0x44};

    private final EmbeddedChannel channel = new EmbeddedChannel(new FramePieces());

    private static byte[] frame(int first, String text) {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else {
            out.write(0x80 | 126);
            out.write(payload.length >> 8);
            out.write(payload.length & 0xff);
        }
        out.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ MASK[i % MASK.length]);
        }
        return out.toByteArray();
    }

    /** Messages, and control frames in angle brackets. */
    private List<String> read() {
        List<String> all = new ArrayList<>();
        StringBuilder message = new StringBuilder();
        for (WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            String text = new String(ByteBufUtil.getBytes(frame.content()), StandardCharsets.US_ASCII);
            boolean data = frame instanceof BinaryWebSocketFrame;
            message.append(data ? text : "");
            if (!data) {
                all.add("<" + text + ">");
            } else if (frame.isFinalFragment()) {
                all.add(message.toString());
                message.setLength(0);
            }
            frame.release();
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 64, 4096})
    void messages_are_the_same_whatever_pieces_they_come_in(int size) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.writeBytes(frame(0x82, "whole"));
        wire.writeBytes(frame(0x02, "first, "));
        wire.writeBytes(frame(0x89, "ping between"));
        wire.writeBytes(frame(0x00, ""));
        wire.writeBytes(frame(0x80, "last"));
        wire.writeBytes(frame(0x82, "y".repeat(1000)));
        wire.writeBytes(frame(0x82, ""));
        wire.writeBytes(frame(0x88, ""));
        byte[] bytes = wire.toByteArray();
        for (int at = 0; at < bytes.length; at += size) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(size, bytes.length - at)));
        }
        assertThat(read()).containsExactly("whole", "<ping between>", "first, last", "y".repeat(1000), "", "<>");
    }

    @Test
    void what_has_come_of_a_frame_is_handed_on() {
        byte[] bytes = frame(0x82, "z".repeat(500));
        channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, 100));
        WebSocketFrame piece = channel.readInbound();
        assertThat(piece.isFinalFragment()).isFalse();
        assertThat(piece.content().readableBytes()).isEqualTo(92);
        piece.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0x83, 0x8b, 0x09, 0xc2})
    void what_no_client_may_send_is_refused_for_good(int first) {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.copiedBuffer(frame(first, "x"))))
                .isInstanceOf(CorruptedFrameException.class);
        channel.writeInbound(Unpooled.copiedBuffer(frame(0x82, "more")));
        assertThat(read()).isEmpty();
    }

    @Test
    void a_frame_without_a_mask_is_refused() {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.copiedBuffer(new byte[] {(byte) 0x82, 1, 0, 0, 0, 0})))
                .isInstanceOf(CorruptedFrameException.class);
    }
}
