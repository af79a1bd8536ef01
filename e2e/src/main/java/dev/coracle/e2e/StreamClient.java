package dev.coracle.e2e;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A client of streams within a node, over WebSocket: one that can also do what well-behaved clients do not. Its socket is that of a
 * program in the node, which copies. One thread may read while another writes.
 */
public final class StreamClient implements AutoCloseable {
    public static final int STDIN = 0;
    public static final int STDOUT = 1;
    public static final int STDERR = 2;
    public static final int ERROR = 3;
    public static final int RESIZE = 4;

    private static final int END = 255;
    private static final int FINAL = 0x80;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    /** Nothing that a test waits for takes so long: then its socket closes under it, and it fails. */
    private static final int SECONDS = 120;

    private final Runnable end;
    private final DataInputStream in;
    private final OutputStream out;
    private final String status;

    private StreamClient(Ends ends, URI url, String protocol) throws IOException {
        this.end = ends.close();
        this.in = new DataInputStream(new java.io.BufferedInputStream(ends.in()));
        this.out = ends.out();
        String request = """
            GET %s HTTP/1.1\r
            Host: %s\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: %s\r
            Sec-WebSocket-Protocol: %s\r
            \r
            """.formatted(
                        url.getPath(),
                        url.getAuthority(),
                        Base64.getEncoder().encodeToString("sixteen bytes ok".getBytes(StandardCharsets.US_ASCII)),
                        protocol);
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        this.status = readLine();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {}
    }

    /** Connects, whatever the answer is: {@link #status} says it. */
    public static StreamClient open(Node node, String url, String protocol) {
        return open(node.holder(), url, protocol);
    }

    /** The same from where a process has its network. */
    public static StreamClient open(long pid, String url, String protocol) {
        URI uri = URI.create(url);
        List<String> command = List.of(
                "nsenter",
                "--target",
                String.valueOf(pid),
                "--net",
                "--",
                Tools.busybox().toString(),
                "nc",
                uri.getHost(),
                String.valueOf(uri.getPort()));
        try {
            Process socket = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Thread.ofVirtual().start(() -> closeInTheEnd(socket));
            return new StreamClient(
                    new Ends(socket.getInputStream(), socket.getOutputStream(), () -> end(socket)), uri, protocol);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects over a socket that is there. */
    public static StreamClient over(Socket socket, String url, String protocol) {
        try {
            socket.setSoTimeout(SECONDS * 1000);
            return new StreamClient(
                    new Ends(socket.getInputStream(), socket.getOutputStream(), () -> end(socket)),
                    URI.create(url),
                    protocol);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Ends(InputStream in, OutputStream out, Runnable close) {}

    private static void closeInTheEnd(Process socket) {
        try {
            if (!socket.waitFor(SECONDS, TimeUnit.SECONDS)) {
                socket.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    /** The first line of the answer. */
    public String status() {
        return status;
    }

    public void send(int stream, byte[] bytes) {
        byte[] payload = new byte[bytes.length + 1];
        payload[0] = (byte) stream;
        System.arraycopy(bytes, 0, payload, 1, bytes.length);
        frame(BINARY, payload);
    }

    public void send(int stream, String text) {
        send(stream, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Says that all of a stream is sent, in version 5. */
    public void end(int stream) {
        frame(BINARY, new byte[] {(byte) END, (byte) stream});
    }

    public void ping() {
        frame(PING, new byte[0]);
    }

    /** Its mask is zero: then it changes nothing. */
    private void frame(int type, byte[] payload) {
        ByteBuffer head = ByteBuffer.allocate(14).put((byte) (FINAL | type));
        if (payload.length < LENGTH_16) {
            head.put((byte) (FINAL | payload.length));
        } else if (payload.length <= Character.MAX_VALUE) {
            head.put((byte) (FINAL | LENGTH_16)).putShort((short) payload.length);
        } else {
            head.put((byte) (FINAL | LENGTH_64)).putLong(payload.length);
        }
        head.putInt(0);
        try {
            out.write(head.array(), 0, head.position());
            out.write(payload);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a frame brought; {@code stream} is -1 for the frame that closes. */
    public record Message(int type, int stream, ByteString bytes) {}

    /** Waits for the next message, pongs too; one of type 8, or of none when the socket has closed. */
    public Message next() {
        try {
            int type = in.readUnsignedByte() & 0x0f;
            long length = in.readUnsignedByte() & 0x7f;
            length = length == LENGTH_16 ? in.readUnsignedShort() : length == LENGTH_64 ? in.readLong() : length;
            ByteString payload = ByteString.copyFrom(in.readNBytes(Math.toIntExact(length)));
            return type == BINARY
                    ? new Message(type, payload.byteAt(0), payload.substring(1))
                    : new Message(type, -1, payload);
        } catch (EOFException e) {
            return new Message(0, -1, ByteString.EMPTY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that comes until the server closes, by stream. */
    public Map<Integer, String> readAll() {
        Map<Integer, ByteArrayOutputStream> streams = new TreeMap<>();
        for (Message message = next(); message.type() != CLOSE && message.type() != 0; message = next()) {
            if (message.type() == BINARY) {
                streams.computeIfAbsent(message.stream(), _ -> new ByteArrayOutputStream())
                        .writeBytes(message.bytes().toByteArray());
            }
        }
        Map<Integer, String> texts = new TreeMap<>();
        streams.forEach((stream, bytes) -> texts.put(stream, bytes.toString(StandardCharsets.UTF_8)));
        return texts;
    }

    /** Waits until a stream has brought this text. */
    public void awaitText(int stream, String text) {
        StringBuilder all = new StringBuilder();
        while (!all.toString().contains(text)) {
            Message message = next();
            if (message.type() == CLOSE || message.type() == 0) {
                throw new IllegalStateException("closed before it brought " + text + ": " + all);
            }
            if (message.stream() == stream) {
                all.append(message.bytes().toStringUtf8());
            }
        }
    }

    /** Goes without a word. */
    @Override
    public void close() {
        end.run();
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process socket) {
        socket.destroyForcibly();
        try {
            socket.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
