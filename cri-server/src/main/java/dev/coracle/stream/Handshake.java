package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;

/** Agrees on WebSocket as every client has spoken it since 2011, after which frames are read in pieces. */
final class Handshake extends WebSocketServerHandshaker13 {
    static final String VERSION = "13";

    /** {@code protocol} may be empty. */
    Handshake(String protocol) {
        super("", protocol.isEmpty() ? null : protocol, false, Integer.MAX_VALUE);
    }

    @Override
    protected WebSocketFrameDecoder newWebsocketDecoder() {
        return new FramePieces();
    }
}
