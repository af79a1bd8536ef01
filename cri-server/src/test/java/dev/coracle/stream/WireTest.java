package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledHeapByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a client may make the daemon keep. */
final class WireTest {
    /** A socket that takes nothing. */
    private static final class Stuck extends ChannelOutboundHandlerAdapter {
        private final List<ChannelPromise> writes = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            writes.add(promise);
        }
    }

    private final Stuck stuck = new Stuck();
    private final EmbeddedChannel channel = new EmbeddedChannel(stuck);
    private final Wire wire = new Wire(channel);

    private boolean reads() {
        channel.runPendingTasks();
        return channel.config().isAutoRead();
    }

    private int addUntilNotRead(Event event) {
        int count = 0;
        while (reads()) {
            wire.add(event);
            count++;
        }
        return count;
    }

    @Test
    void streams_that_are_opened_and_not_looked_at_stop_the_reading() throws Exception {
        Map<String, String> headers = Map.of("streamtype", "x".repeat(8000));
        assertThat(addUntilNotRead(new Event.Opened(1, headers))).isBetween(5, 50);
        while (!reads()) {
            assertThat(wire.next()).isInstanceOf(Event.Opened.class);
        }
    }

    @Test
    void ends_of_streams_count_too() throws Exception {
        assertThat(addUntilNotRead(new Event.Ended(1))).isLessThan(1000);
        while (!reads()) {
            assertThat(wire.next()).isInstanceOf(Event.Ended.class);
        }
    }

    @Test
    void bytes_that_come_one_by_one_count_for_what_they_take() throws Exception {
        int count = 0;
        while (reads()) {
            wire.add(new Event.Sent(1, Unpooled.wrappedBuffer(new byte[1])));
            count++;
        }
        assertThat(count).isLessThan(1000);
        while (!reads()) {
            wire.done((Event.Sent) wire.next());
        }
    }

    @Test
    void a_client_that_does_not_read_is_not_answered_for_ever() {
        for (int i = 0; i < 1000; i++) {
            wire.reply(Unpooled.wrappedBuffer(new byte[100]));
        }
        assertThat(stuck.writes).hasSizeLessThan(100);
        int before = stuck.writes.size();
        assertThat(stuck.writes.getFirst().trySuccess()).isTrue();
        wire.reply(Unpooled.wrappedBuffer(new byte[100]));
        assertThat(stuck.writes).hasSize(before + 1);
    }

    @Test
    void what_a_session_takes_while_the_last_word_is_said_is_that_sessions() {
        EmbeddedChannel open = new EmbeddedChannel();
        Wire closing = new Wire(open);
        ByteBuf second = Unpooled.buffer(1).writeZero(1);
        closing.add(new Event.Sent(1, new WhenReleased(() -> {
            if (closing.next() instanceof Event.Sent sent) {
                assertThat(sent.bytes()).isSameAs(second);
                closing.done(sent);
            }
        })));
        closing.add(new Event.Sent(1, second));
        closing.close(Unpooled.EMPTY_BUFFER);
        open.runPendingTasks();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void a_last_word_that_is_too_late_is_given_back() {
        ByteBuf again = Unpooled.buffer(1);
        wire.close(Unpooled.EMPTY_BUFFER);
        wire.close(again);
        assertThat(again.refCnt()).isZero();
    }

    /** A byte that is given back while something else happens. */
    private static final class WhenReleased extends UnpooledHeapByteBuf {
        private final Executable action;

        WhenReleased(Executable action) {
            super(UnpooledByteBufAllocator.DEFAULT, 1, 1);
            this.action = action;
            writeZero(1);
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            assertDoesNotThrow(action);
        }
    }

    @Test
    void a_connection_without_a_request_is_closed() {
        EmbeddedChannel silent =
                new EmbeddedChannel(new Upgrades(new Tokens(System::nanoTime), new Conversations(new EchoPods())));
        Duration almost = Upgrades.PATIENCE.minusSeconds(1);
        silent.advanceTimeBy(almost.toSeconds(), TimeUnit.SECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isTrue();
        silent.advanceTimeBy(2, TimeUnit.SECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isFalse();
    }
}
