package dev.coracle.e2e.bench;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpClientCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObject;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;

/** By netty, HTTP/1.1. */
final class NettyFetch implements ClientBench.Fetch {
    private final URI blob;
    private final SslContext tls;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

    NettyFetch(URI blob, boolean byJdk) throws SSLException {
        this.blob = blob;
        this.tls = SslContextBuilder.forClient()
                .sslProvider(byJdk ? SslProvider.JDK : SslProvider.OPENSSL)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
    }

    @Override
    public void run(ClientBench.Stretches stretches, int connections) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            var _ = new Bootstrap()
                    .group(loops)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline()
                                    .addLast(
                                            tls.newHandler(channel.alloc(), blob.getHost(), blob.getPort()),
                                            new HttpClientCodec(),
                                            new Asking(stretches, done));
                        }
                    })
                    .connect(blob.getHost(), blob.getPort());
        }
        done.await();
    }

    /** One connection: asks for the next stretch when the last one has come. */
    private final class Asking extends SimpleChannelInboundHandler<HttpObject> {
        private final ClientBench.Stretches stretches;
        private final CountDownLatch done;
        private final byte[] sink = new byte[64 << 10];

        Asking(ClientBench.Stretches stretches, CountDownLatch done) {
            this.stretches = stretches;
            this.done = done;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            ask(context);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            if (message instanceof HttpContent content) {
                take(content.content());
            }
            if (message instanceof LastHttpContent) {
                ask(context);
            }
        }

        private void take(ByteBuf bytes) {
            stretches.came(bytes.readableBytes());
            while (bytes.isReadable()) {
                bytes.readBytes(sink, 0, Math.min(sink.length, bytes.readableBytes()));
            }
        }

        private void ask(ChannelHandlerContext context) {
            String range = stretches.next();
            if (range.isEmpty()) {
                done.countDown();
                var _ = context.close();
                return;
            }
            DefaultFullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, blob.getRawPath());
            request.headers().set(HttpHeaderNames.HOST, blob.getRawAuthority()).set(HttpHeaderNames.RANGE, range);
            var _ = context.writeAndFlush(request);
        }
    }
}
