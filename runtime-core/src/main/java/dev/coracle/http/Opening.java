package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpClientCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpDecoderConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;

/** A connection on its way to be one: the last handler of its channel until it is known what is spoken there. */
final class Opening extends ChannelInboundHandlerAdapter {
    private static final int HEADERS_MAX = 64 << 10;
    private static final int PART_MAX = 64 << 10;

    private final Site site;
    private final CompletableFuture<Link> link = new CompletableFuture<>();

    Opening(Site site) {
        this.site = site;
    }

    /** The connection. If there is none in time, or this thread is interrupted, nothing of it is left. */
    Link await(Channel channel, Deadline deadline) throws IOException, InterruptedException {
        try {
            return deadline.await(link);
        } finally {
            // Does nothing if it was there in time.
            if (link.cancel(false) || link.isCompletedExceptionally()) {
                var _ = channel.close();
            }
        }
    }

    void fail(Throwable cause) {
        link.completeExceptionally(cause);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!site.origin().encrypted()) {
            ready(context, "");
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            context.fireUserEventTriggered(event);
        } else if (handshake.isSuccess()) {
            String agreed = context.pipeline().get(SslHandler.class).applicationProtocol();
            ready(context, agreed == null ? "" : agreed);
        } else {
            exceptionCaught(context, handshake.cause());
        }
    }

    private void ready(ChannelHandlerContext context, String protocol) {
        Channel channel = context.channel();
        channel.pipeline().remove(this);
        Link made = protocol.equals(ApplicationProtocolNames.HTTP_2) ? shared(channel) : plain(channel);
        // If nobody waits for it any more, who did closes it.
        link.complete(made);
    }

    private Link shared(Channel channel) {
        SharedLink made = SharedLink.on(channel, site);
        site.share(made);
        return made;
    }

    private Link plain(Channel channel) {
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxHeaderSize(HEADERS_MAX).setMaxChunkSize(PART_MAX);
        channel.pipeline().addLast(new HttpClientCodec(limits, false, false));
        return PlainLink.on(channel, site);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
        var _ = context.close();
    }
}
