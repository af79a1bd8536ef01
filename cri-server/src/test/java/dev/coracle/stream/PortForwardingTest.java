package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.PodId;
import dev.coracle.spec.StreamSpec;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PortForwardingTest {
    @Test
    void what_came_on_a_stream_whose_other_one_never_did_is_given_back() throws Exception {
        EmbeddedChannel channel = new EmbeddedChannel();
        Wire wire = new Wire(channel);
        ByteBuf bytes = Unpooled.buffer(1).writeZero(1);
        wire.add(new Event.Opened(1, Map.of("streamtype", "data", "port", "80")));
        wire.add(new Event.Sent(1, bytes));
        var _ = channel.close();
        StreamSpec.PortForward spec = new StreamSpec.PortForward(new PodId("a".repeat(64)), List.of());
        new PortForwarding(new EchoPods(), new SpdyLink(wire), spec).run();
        assertThat(bytes.refCnt()).isZero();
    }
}
