package dev.coracle.stream;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that can send a frame bit by bit. */
final class RawWebSocket implements AutoCloseable {
    private static final byte[] MASK = {1, 2, 3, 4};

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private int sent;

    RawWebSocket(String url, String protocol) throws IOException {
        URI uri = URI.create(url);
        socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        socket.setSoTimeout(30_000);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(socket.getOutputStream());
        out.write(("GET " + uri.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\n"
                        + "Sec-WebSocket-Protocol: " + protocol + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        while (!line().isEmpty()) {}
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    /** The head of a message of one frame. */
    void beginBinary(int length) throws IOException {
        out.writeByte(0x82);
        out.writeByte(0xff);
        out.writeLong(length);
        out.write(MASK);
        sent = 0;
    }

    /** More of the frame. */
    void sendMasked(byte[] bytes) throws IOException {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= MASK[sent++ % MASK.length];
        }
        out.write(masked);
    }

    /** So many bytes of one stream, whatever comes of others. */
    String read(int stream, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            in.readByte();
            int size = in.readUnsignedByte();
            size = size == 126 ? in.readUnsignedShort() : size == 127 ? (int) in.readLong() : size;
            byte[] message = in.readNBytes(size);
            if (message.length > 0 && message[0] == stream) {
                text.append(new String(message, 1, message.length - 1, StandardCharsets.US_ASCII));
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
