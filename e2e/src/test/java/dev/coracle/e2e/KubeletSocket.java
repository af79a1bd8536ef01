package dev.coracle.e2e;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WebSocket to a kubelet that keeps what comes, by stream. Threads: the HTTP client's own bring it, any may ask. */
final class KubeletSocket implements WebSocket.Listener, AutoCloseable {
    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    static final int ERROR = 3;
    static final int RESIZE = 4;
    private static final int END = 255;
    private static final int SECONDS = 60;

    private final Map<Integer, byte[]> streams = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    KubeletSocket(KubeletRig on, String path, String protocol) {
        this.socket = on.kubelet().client().open(path, protocol, this);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        message.writeBytes(bytes);
        if (last && message.size() > 0) {
            byte[] whole = message.toByteArray();
            message.reset();
            streams.merge((int) whole[0], Arrays.copyOfRange(whole, 1, whole.length), KubeletSocket::joined);
        }
        from.request(1);
        return null;
    }

    /** Of the protocols in Base64: a digit for the stream and what it brings. */
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last && !text.isEmpty()) {
            byte[] bytes = Base64.getDecoder().decode(text.substring(1));
            streams.merge(text.charAt(0) - '0', bytes, KubeletSocket::joined);
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    private static byte[] joined(byte[] before, byte[] more) {
        byte[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        return all;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        ended.complete(null);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        ended.completeExceptionally(error);
    }

    /** What has come on a stream so far. */
    String text(int stream) {
        return new String(streams.getOrDefault(stream, new byte[0]), StandardCharsets.UTF_8);
    }

    void awaitText(int stream, String text) {
        Waiting.untilTrue(
                "\"" + text + "\" on stream " + stream,
                StaticPod.LIMIT,
                () -> text(stream).contains(text));
    }

    /** Waits until the kubelet has closed. */
    KubeletSocket awaitEnd() {
        ended.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        return this;
    }

    void send(int stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        send(ByteBuffer.allocate(bytes.length + 1).put((byte) stream).put(bytes).flip());
    }

    /** All of a stream is sent: version 5 of the protocol can say so. */
    void end(int stream) {
        send(ByteBuffer.wrap(new byte[] {(byte) END, (byte) stream}));
    }

    /** In a protocol in Base64. */
    void sendText(int stream, String text) {
        String base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        var _ = socket.sendText(stream + base64, true)
                .orTimeout(SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private void send(ByteBuffer frame) {
        var _ = socket.sendBinary(frame, true)
                .orTimeout(SECONDS, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
