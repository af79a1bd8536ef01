package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1.1: one exchange after the other, each as a handler before this one, which is the last of the pipeline. Between
 * them it waits at its site for the next, at most for {@link Site#IDLE_SECONDS}.
 */
final class PlainLink extends ChannelInboundHandlerAdapter implements Link {
    private static final String NAME = "link";

    private final Site site;
    private final Channel channel;
    private @Nullable Future<?> end;

    private PlainLink(Site site, Channel channel) {
        this.site = site;
        this.channel = channel;
    }

    /** On the event loop; the channel is connected, and encrypted if it is to be. */
    static PlainLink on(Channel channel, Site site) {
        PlainLink link = new PlainLink(site, channel);
        // From here on nothing is read that nobody has room for.
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(NAME, link);
        var _ = channel.closeFuture().addListener(_ -> site.forget(link));
        return link;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public void begin(Exchange exchange) {
        channel.eventLoop().execute(() -> {
            if (end != null) {
                end.cancel(false);
            }
            if (channel.isActive()) {
                channel.pipeline().addBefore(NAME, null, exchange);
            } else {
                exchange.refuse(new ClosedChannelException());
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == Exchange.Outcome.REUSABLE) {
            rest();
        } else if (event == Exchange.Outcome.USED_UP) {
            var _ = channel.close();
        }
    }

    /** Reads, for the end of the connection to be seen. */
    private void rest() {
        if (!channel.isActive()) {
            return;
        }
        end = channel.eventLoop().schedule(this::close, Site.IDLE_SECONDS, TimeUnit.SECONDS);
        channel.read();
        site.keep(this);
    }

    private void close() {
        var _ = channel.close();
    }

    /** What was not asked for may be meant to be taken for the next answer. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
        var _ = context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = context.close();
    }
}
