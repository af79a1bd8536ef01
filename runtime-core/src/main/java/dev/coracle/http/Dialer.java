package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.proxy.HttpProxyHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;

/** Opens connections: looks the name up, connects to one address after the other, and asks for a tunnel where there is a proxy. */
final class Dialer {
    private final Network network;
    private final Tls tls;
    private final Duration timeout;

    /** @param timeout how long a connection may take to be made, without encryption and tunnel, over all addresses of a name */
    Dialer(Network network, Tls tls, Duration timeout) {
        this.network = network;
        this.tls = tls;
        this.timeout = timeout;
    }

    /** @param protocol what to offer to the server, if the connection is encrypted */
    Link dial(Site site, String protocol, Deadline deadline) throws IOException, InterruptedException {
        Deadline connected = Deadline.in(timeout);
        List<InetAddress> addresses = deadline.await(lookUp(site.origin().nextHost()));
        for (int i = 0; ; i++) {
            // Each address gets its share of the time, so that a dead one does not use it up.
            Duration share = connected.left().dividedBy(addresses.size() - i);
            Opening opening = new Opening(site);
            ChannelFuture connecting = connect(new Order(site.origin(), protocol, opening), addresses.get(i), share);
            try {
                return opening.await(connecting.channel(), deadline);
            } catch (IOException e) {
                if (connecting.isSuccess()
                        || i == addresses.size() - 1
                        || deadline.left().isZero()) {
                    throw e;
                }
            }
        }
    }

    /** On a thread of its own, as nothing ends a look-up before its time. */
    private static CompletableFuture<List<InetAddress>> lookUp(String name) {
        CompletableFuture<List<InetAddress>> addresses = new CompletableFuture<>();
        Thread.ofPlatform().name("http-lookup").daemon().start(() -> {
            try {
                addresses.complete(List.of(InetAddress.getAllByName(name)));
            } catch (UnknownHostException e) {
                addresses.completeExceptionally(e);
            }
        });
        return addresses;
    }

    private record Order(Origin origin, String protocol, Opening opening) {}

    private ChannelFuture connect(Order order, InetAddress address, Duration share) {
        Origin origin = order.origin();
        InetSocketAddress next = new InetSocketAddress(address, origin.nextPort());
        // The proxy's own address is its handler's affair.
        InetSocketAddress target =
                origin.isTunnelled() ? InetSocketAddress.createUnresolved(origin.host(), origin.port()) : next;
        ChannelFuture connecting = network.bootstrap()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, share.toMillis()))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) throws SSLException {
                        fill(channel, order, next);
                    }
                })
                .connect(target);
        return connecting.addListener(done -> {
            if (!done.isSuccess()) {
                order.opening().fail(done.cause());
            }
        });
    }

    private void fill(Channel channel, Order order, InetSocketAddress next) throws SSLException {
        Origin origin = order.origin();
        if (origin.isTunnelled()) {
            HttpProxyHandler tunnel = new HttpProxyHandler(next, proof(origin));
            // Who waits for the connection knows how long.
            tunnel.setConnectTimeoutMillis(0);
            channel.pipeline().addLast(tunnel);
        }
        if (origin.encrypted()) {
            channel.pipeline().addLast(tls.handler(channel.alloc(), origin, order.protocol()));
        }
        channel.pipeline().addLast(order.opening());
    }

    private static HttpHeaders proof(Origin origin) {
        HttpHeaders headers = new DefaultHttpHeaders();
        origin.proof().ifPresent(proof -> headers.set(HttpHeaderNames.PROXY_AUTHORIZATION, proof));
        return headers;
    }
}
