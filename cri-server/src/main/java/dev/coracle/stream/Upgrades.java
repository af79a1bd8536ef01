package dev.coracle.stream;

import dev.coracle.spec.StreamSpec;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderValues;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.spdy.SpdyVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first and only HTTP request of a connection: what it is for, by the token in its path, and which protocol it goes on in. On the
 * event loop; what follows gets a virtual thread. Whoever is on this machine can connect: so the request must come soon, and only so
 * many connections may owe it.
 */
@Sharable
final class Upgrades extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Upgrades.class);

    private static final String SPDY = "spdy/3.1";
    private static final String WEB_SOCKET = "websocket";
    private static final String TUNNEL = "SPDY/3.1+";
    private static final String PROTOCOL = "X-Stream-Protocol-Version";

    /** Also what is sent at once: larger pieces are cut. */
    private static final int SPDY_CHUNK = 16 << 10;

    private static final int SPDY_HEADERS_MAX = 16 << 10;

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int ASKED_OF_AT_ONCE = 256;

    private final Tokens tokens;
    private final Conversations conversations;
    private int askedOf; // of the event loop

    Upgrades(Tokens tokens, Conversations conversations) {
        this.tokens = tokens;
        this.conversations = conversations;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        askedOf++;
        if (askedOf > ASKED_OF_AT_ONCE) {
            var _ = ctx.close();
            return;
        }
        var _ = ctx.executor()
                .schedule(
                        () -> {
                            if (!ctx.isRemoved()) {
                                var _ = ctx.close();
                            }
                        },
                        PATIENCE.toSeconds(),
                        TimeUnit.SECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        askedOf--;
    }

    /** The first word of a path. */
    static String word(StreamSpec spec) {
        return switch (spec) {
            case StreamSpec.Exec _ -> "exec";
            case StreamSpec.Attach _ -> "attach";
            case StreamSpec.PortForward _ -> "portforward";
        };
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        String[] path = request.uri().split("[/?]", -1);
        Optional<StreamSpec> spec = path.length < 3
                ? Optional.empty()
                : tokens.take(path[2]).filter(found -> word(found).equals(path[1]));
        String upgrade = request.headers().get(HttpHeaderNames.UPGRADE, "");
        if (spec.isEmpty()) {
            refuse(ctx, HttpResponseStatus.NOT_FOUND, "unknown or used address; ask for a new one");
        } else if (!request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "upgrade to SPDY/3.1 or websocket is needed");
        } else if (upgrade.equalsIgnoreCase(SPDY)) {
            spdy(ctx, request, spec.get());
        } else if (upgrade.equalsIgnoreCase(WEB_SOCKET)) {
            webSocket(ctx, request, spec.get());
        } else {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "upgrade to SPDY/3.1 or websocket is needed");
        }
    }

    private void spdy(ChannelHandlerContext ctx, FullHttpRequest request, StreamSpec spec) {
        List<String> asked = words(request, PROTOCOL);
        Optional<Dialect> dialect =
                spec instanceof StreamSpec.PortForward ? Dialect.portForward(asked) : Dialect.spdy(asked);
        if (dialect.isEmpty()) {
            refuse(ctx, HttpResponseStatus.FORBIDDEN, "none of the protocols asked for is spoken here");
            return;
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        response.headers().set(HttpHeaderNames.UPGRADE, "SPDY/3.1");
        if (!dialect.get().name().isEmpty()) {
            response.headers().set(PROTOCOL, dialect.get().name());
        }
        var _ = ctx.writeAndFlush(response);
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.remove(HttpObjectAggregator.class);
        beginSpdy(new Wire(pipeline.channel()), pipeline, dialect.get(), spec);
        pipeline.remove(HttpServerCodec.class);
    }

    private void beginSpdy(Wire wire, ChannelPipeline pipeline, Dialect dialect, StreamSpec spec) {
        pipeline.addLast(new Gate())
                .addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1, SPDY_CHUNK, SPDY_HEADERS_MAX, 6, 15, 8))
                .addLast(new SpdyLink.Handler(wire));
        pipeline.remove(this);
        conversations.begin(new SpdyLink(wire), dialect, spec);
    }

    private void webSocket(ChannelHandlerContext ctx, FullHttpRequest request, StreamSpec spec) {
        List<String> asked = words(request, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString());
        boolean forward = spec instanceof StreamSpec.PortForward;
        Optional<String> tunnel =
                asked.stream().filter(name -> name.startsWith(TUNNEL)).findFirst();
        Optional<Dialect> dialect = forward && tunnel.isPresent()
                ? Dialect.portForward(List.of(tunnel.get().substring(TUNNEL.length())))
                : Dialect.webSocket(asked);
        if (dialect.isEmpty()) {
            refuse(ctx, HttpResponseStatus.FORBIDDEN, "none of the protocols asked for is spoken here");
            return;
        }
        String name =
                (forward && tunnel.isPresent() ? TUNNEL : "") + dialect.get().name();
        if (!request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, Handshake.VERSION, true)) {
            var _ = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel());
            return;
        }
        ChannelPipeline pipeline = ctx.pipeline();
        var _ = new Handshake(name).handshake(ctx.channel(), request).addListener(shaken -> {
            if (!shaken.isSuccess()) {
                var _ = ctx.close();
            } else if (forward && tunnel.isPresent()) {
                Wire wire = new Wire(pipeline.channel());
                pipeline.addLast(new Tunnel(wire));
                beginSpdy(wire, pipeline, dialect.get(), spec);
            } else {
                beginWebSocket(pipeline, dialect.get(), spec);
            }
        });
    }

    private void beginWebSocket(ChannelPipeline pipeline, Dialect dialect, StreamSpec spec) {
        Wire wire = new Wire(pipeline.channel());
        if (dialect.base64()) {
            pipeline.addLast(new Base64Frames());
        }
        pipeline.addLast(new WebSocketLink.Handler(wire, dialect.ends()));
        pipeline.remove(this);
        conversations.begin(new WebSocketLink(wire), dialect, spec);
    }

    /** Every word of a header that may come several times, with commas in it. */
    private static List<String> words(FullHttpRequest request, String header) {
        return request.headers().getAll(header).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String reason) {
        byte[] body = (reason + "\n").getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        var _ = ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("a connection broke before it was upgraded", cause);
        var _ = ctx.close();
    }
}
