package dev.coracle.stream;

import io.grpc.netty.shaded.io.netty.channel.ChannelException;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollTcpInfo;
import io.grpc.netty.shaded.io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection to a client whose machine does not answer any more: where something waits for it the kernel would go on for a quarter
 * of an hour and longer ({@code tcp_retries2}). {@code TCP_USER_TIMEOUT} would end that sooner, but since Linux 5.11 also the connection of a
 * client that lives and does not read. But its machine answers every question about its closed window: so it is asked at each look, and at
 * the next one its answer is looked for ({@code TCP_INFO}). First in a pipeline, so that nothing is said in farewell; on the event loop.
 */
final class LostEnd extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(LostEnd.class);

    /**
     * Set to 0 it makes the kernel ask now, where it would let up to two minutes go by between questions about a closed window; it is how a
     * connection that was moved from another machine begins (linux/tcp.h). It needs CAP_NET_ADMIN.
     */
    private static final ChannelOption<Integer> TCP_REPAIR = new IntegerUnixChannelOption("TCP_REPAIR", 6, 19);

    /** A connection that one end has ended is not asked. */
    private static final int ESTABLISHED = 1;

    private final AnswerTimes times;
    private final Silence silence = new Silence();
    private @Nullable ScheduledFuture<?> looking;

    LostEnd(AnswerTimes times) {
        this.times = times;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof EpollSocketChannel socket) {
            looking = ctx.executor()
                    .scheduleWithFixedDelay(() -> look(ctx, socket), times.look(), times.look(), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (looking != null) {
            looking.cancel(false);
        }
    }

    private void look(ChannelHandlerContext ctx, EpollSocketChannel socket) {
        if (socket.isActive() && lost(socket)) {
            LOG.info("a client's machine does not answer any more, and is hung up on; see stream.answer_timeout");
            // what waits is of no use to anybody: the kernel is not to go on sending it
            socket.config().setSoLinger(0);
            var _ = ctx.close();
        }
    }

    /** Whether it could. The option takes another one away, without which the daemon's next start could not listen on the same port. */
    private static boolean ask(EpollSocketChannel socket) {
        try {
            return socket.config().setOption(TCP_REPAIR, 0);
        } catch (ChannelException e) {
            LOG.debug("this daemon has no right to ask", e);
            return false;
        } finally {
            socket.config().setReuseAddress(true);
        }
    }

    private boolean lost(EpollSocketChannel socket) {
        try {
            EpollTcpInfo info = socket.tcpInfo();
            long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            boolean asked = (info.state() == ESTABLISHED && ask(socket)) || info.retransmits() > 0 || info.probes() > 0;
            long heard = now - Math.min(info.lastAckRecv(), info.lastDataRecv());
            return silence.seen(now, asked, heard) > AnswerTimes.LOOKS;
        } catch (ChannelException e) {
            LOG.debug("a connection has ended meanwhile", e);
            return false;
        }
    }
}
