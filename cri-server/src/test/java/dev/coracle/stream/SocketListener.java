package dev.coracle.stream;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What a WebSocket brings, by stream. */
final class SocketListener implements WebSocket.Listener {
    private final Map<Integer, ByteArrayOutputStream> streams = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final StringBuilder texts = new StringBuilder();
    volatile boolean closed;
    volatile @Nullable WebSocket socket;

    void send(byte[] piece, boolean last) {
        WebSocket open = socket;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        open.sendBinary(ByteBuffer.wrap(piece), last).join();
    }

    void sendText(String text) {
        WebSocket open = socket;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        open.sendText(text, true).join();
    }

    /** The messages that were text, one after the other. */
    String texts() {
        synchronized (texts) {
            return texts.toString();
        }
    }

    byte[] bytes(int stream) {
        return streams.getOrDefault(stream, new ByteArrayOutputStream()).toByteArray();
    }

    String text(int stream) {
        return new String(bytes(stream), StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        message.writeBytes(piece);
        if (last) {
            byte[] whole = message.toByteArray();
            message.reset();
            streams.computeIfAbsent((int) whole[0], _ -> new ByteArrayOutputStream())
                    .write(whole, 1, whole.length - 1);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        synchronized (texts) {
            texts.append(data).append(last ? "\n" : "");
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed = true;
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed = true;
    }
}
