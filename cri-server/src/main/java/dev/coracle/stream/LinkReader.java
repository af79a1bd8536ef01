package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loop's part of a {@link Link}: puts what its client says on the wire. */
abstract class LinkReader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(LinkReader.class);

    final Wire wire;

    LinkReader(Wire wire) {
        this.wire = wire;
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            read(ctx, message);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** What of the message is to last has to be retained. */
    abstract void read(ChannelHandlerContext ctx, Object message);

    /** Nonsense, or a connection that broke. */
    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("a connection broke", cause);
        var _ = ctx.close();
    }
}
