package dev.coracle.e2e;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Port-forward as kubectl does it: SPDY/3.1 in the messages of a WebSocket, which a kubelet hands on to the runtime as they are. It has two
 * streams, for errors and for data. One thread.
 */
final class KubeletTunnel implements AutoCloseable {
    private static final String PROTOCOL = "SPDY/3.1+portforward.k8s.io";
    private static final int HEAD = 8;
    private static final int SYN_HEAD = 10;
    private static final int SYN_STREAM = 0x80030001;
    private static final int ERRORS = 1;
    private static final int DATA = 3;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;

    /** Both streams' headers are one zlib stream. It may do without SPDY's dictionary. */
    private final Deflater deflater = new Deflater();

    private final ByteArrayOutputStream came = new ByteArrayOutputStream();
    private final StreamClient socket;

    KubeletTunnel(KubeletRig on, StaticPod pod, int port) {
        String url = "https://127.0.0.1/portForward/default/" + pod.fullName();
        this.socket = StreamClient.over(on.kubelet().client().connect(), url, PROTOCOL);
        open(ERRORS, "error", port);
        open(DATA, "data", port);
    }

    String status() {
        return socket.status();
    }

    private void open(int stream, String type, int port) {
        byte[] names = compressed(List.of("streamtype", type, "port", String.valueOf(port), "requestid", "0"));
        send(ByteBuffer.allocate(HEAD + SYN_HEAD + names.length)
                .putInt(SYN_STREAM)
                .putInt(SYN_HEAD + names.length)
                .putInt(stream)
                .putInt(0)
                .putShort((short) 0)
                .put(names));
    }

    private byte[] compressed(List<String> namesAndValues) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        plain.writeBytes(number(namesAndValues.size() / 2));
        for (String word : namesAndValues) {
            plain.writeBytes(number(word.length()));
            plain.writeBytes(word.getBytes(StandardCharsets.US_ASCII));
        }
        deflater.setInput(plain.toByteArray());
        byte[] buffer = new byte[512];
        return Arrays.copyOf(buffer, deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    /** The client's first byte is for who has channels; here it is the first of the bytes. */
    private void send(ByteBuffer bytes) {
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        socket.send(all[0], Arrays.copyOfRange(all, 1, all.length));
    }

    void send(String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        send(ByteBuffer.allocate(HEAD + data.length)
                .putInt(DATA)
                .putInt(data.length)
                .put(data));
    }

    /** Waits until the port has said this. */
    void awaitData(String text) {
        while (!data().contains(text)) {
            StreamClient.Message message = socket.next();
            if (message.type() == CLOSE || message.type() == 0) {
                throw new IllegalStateException("closed before it brought " + text + ": " + data());
            }
            if (message.type() == BINARY) {
                came.write(message.stream());
                came.writeBytes(message.bytes().toByteArray());
            }
        }
    }

    /** What has come on the stream of data, of frames that are whole. */
    private String data() {
        ByteBuffer all = ByteBuffer.wrap(came.toByteArray());
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        while (all.remaining() >= HEAD) {
            int stream = all.getInt();
            byte[] content = new byte[all.getInt() & 0xffffff];
            if (all.remaining() < content.length) {
                break;
            }
            all.get(content);
            if (stream == DATA) {
                data.writeBytes(content);
            }
        }
        return data.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        socket.close();
        deflater.end();
    }
}
