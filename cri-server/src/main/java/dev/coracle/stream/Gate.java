package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Stands between the socket and a SPDY codec, which asks for more after every read that it made frames of: while the connection is
 * not to be read, nobody is let through. On the event loop.
 */
final class Gate extends ChannelOutboundHandlerAdapter {
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }
}
