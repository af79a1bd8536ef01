package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObject;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ResetFrame;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One request and its answer, over a connection of HTTP/1.1 or a stream of HTTP/2: the last handler of its channel for so long. Whoever
 * asked waits for the head in {@link #await}; all else happens on the event loop.
 */
final class Exchange extends ChannelInboundHandlerAdapter {
    /** What a channel is told behind this handler when all has come. */
    enum Outcome {
        /** The connection can be used for the next request. */
        REUSABLE,
        USED_UP
    }

    private static final int INFORMATIONAL = 1;

    private final FullHttpRequest request;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final Body body = new Body();
    private boolean written;
    private boolean informational;
    private boolean reusable;
    private boolean complete;

    Exchange(FullHttpRequest request) {
        this.request = request;
    }

    /** The head of the answer. If it does not come, or this thread is interrupted, nothing of the exchange is left. */
    Answer await(Deadline deadline) throws IOException, InterruptedException {
        boolean came = false;
        try {
            Answer there = deadline.await(answer);
            came = true;
            return there;
        } finally {
            if (!came) {
                body.close();
            }
        }
    }

    /** All of the answer has come, though it may not be read yet. On the event loop. */
    boolean isComplete() {
        return complete;
    }

    /** On the event loop. */
    void fail(Throwable cause) {
        IOException failure = Failures.of(cause);
        body.fail(failure);
        answer.completeExceptionally(failure);
    }

    /** Before it was on its way. On the event loop. */
    void refuse(Throwable cause) {
        request.release();
        fail(cause);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        body.attach(context.channel());
        var _ = context.writeAndFlush(request).addListener(done -> {
            written = done.isSuccess();
            if (!written) {
                fail(done.cause());
                var _ = context.close();
            }
        });
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            exceptionCaught(
                    context,
                    new IOException(
                            "the answer is not HTTP", object.decoderResult().cause()));
            return;
        }
        if (message instanceof HttpResponse head) {
            begin(head);
        }
        if (informational || !(message instanceof HttpContent content)) {
            ReferenceCountUtil.release(message);
            return;
        }
        body.add(content.content());
        if (message instanceof LastHttpContent) {
            end(context);
        }
    }

    /** Before the answer others may come that only say that it will (RFC 9110, 15.2). */
    private void begin(HttpResponse head) {
        int status = head.status().code();
        informational = status / 100 == INFORMATIONAL;
        if (!informational) {
            reusable = HttpUtil.isKeepAlive(head);
            answer.complete(new Answer(status, headers(head), body));
        }
    }

    private static HttpHeaders headers(HttpResponse head) {
        Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        head.headers()
                .forEach(header -> all.computeIfAbsent(header.getKey(), _ -> new ArrayList<>())
                        .add(header.getValue()));
        return HttpHeaders.of(all, (_, _) -> true);
    }

    private void end(ChannelHandlerContext context) {
        complete = true;
        context.pipeline().remove(this);
        context.fireUserEventTriggered(reusable && written ? Outcome.REUSABLE : Outcome.USED_UP);
        // Last of all: who reads to the end and asks again finds the connection kept.
        body.end();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (body.asksAgain()) {
            context.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        switch (event) {
            case Http2ResetFrame reset -> fail(new IOException("the stream was reset: " + name(reset.errorCode())));
            case Http2GoAwayFrame leave ->
                fail(new IOException("the server takes no more requests: " + name(leave.errorCode())));
            default -> context.fireUserEventTriggered(event);
        }
        if (event instanceof Http2GoAwayFrame) {
            ReferenceCountUtil.release(event);
        }
    }

    private static String name(long code) {
        Http2Error error = Http2Error.valueOf(code);
        return error == null ? "error " + code : error.name();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new ClosedChannelException());
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
        var _ = context.close();
    }
}
