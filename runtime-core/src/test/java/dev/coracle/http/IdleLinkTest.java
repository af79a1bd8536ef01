package dev.coracle.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long a connection is kept that nobody uses. There is no server, and the event loop's time is the test's. */
class IdleLinkTest {
    private static final URI THERE = URI.create("https://server.test/");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** No parameters, as most servers have the usual ones (RFC 9113, 6.5). */
    private static final String SETTINGS = "000000" + "04" + "00" + "00000000";

    /** The first could be what a request over HTTP/1.1 becomes (RFC 7540, 3.2), and netty leaves it out. */
    private static final int FIRST_STREAM = 3;

    @AutoClose
    private final Network network = new Network();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Site site = site();
    private int streams;

    private Site site() {
        Tls tls = new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false);
        return new Site(Origin.of(THERE, Optional.empty()), new Dialer(network, tls, PATIENCE));
    }

    @BeforeEach
    void stopTheClock() {
        channel.freezeTime();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    enum Protocol {
        HTTP_1,
        HTTP_2
    }

    private Link open(Protocol protocol) {
        return switch (protocol) {
            case HTTP_1 -> PlainLink.on(channel, site);
            case HTTP_2 -> {
                SharedLink link = SharedLink.on(channel, site);
                site.share(link);
                channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(SETTINGS)));
                yield link;
            }
        };
    }

    private Exchange ask(Link link) {
        Exchange exchange = new Exchange(Request.get(THERE).message(site.origin()));
        link.begin(exchange);
        channel.runPendingTasks();
        return exchange;
    }

    private void answer(Protocol protocol, Exchange exchange) throws Exception {
        if (protocol == Protocol.HTTP_1) {
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
            channel.writeInbound(response);
        } else {
            // Headers, which end both themselves and the stream: only ":status: 200" (RFC 9113, 6.2; RFC 7541, 6.1).
            String frame = "0000010105%08x88".formatted(FIRST_STREAM + 2 * streams++);
            channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(frame)));
        }
        channel.runPendingTasks();
        assertThat(exchange.await(Deadline.in(PATIENCE)).status()).isEqualTo(200);
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runPendingTasks();
    }

    @ParameterizedTest
    @EnumSource
    void itIsClosedAfterHalfAMinuteWithoutARequest(Protocol protocol) throws Exception {
        Link link = open(protocol);
        answer(protocol, ask(link));
        pass(29);
        assertThat(channel.isActive()).isTrue();
        assertThat(site.kept()).contains(link);

        answer(protocol, ask(link)); // from now on, not from the first one's end
        pass(29);
        assertThat(channel.isActive()).isTrue();
        pass(1);
        assertThat(channel.isActive()).isFalse();
        assertThat(site.kept()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerMayTakeLonger(Protocol protocol) throws Exception {
        Link link = open(protocol);
        answer(protocol, ask(link));
        Exchange slow = ask(link);
        pass(60);
        assertThat(channel.isActive()).isTrue();
        answer(protocol, slow);
    }
}
