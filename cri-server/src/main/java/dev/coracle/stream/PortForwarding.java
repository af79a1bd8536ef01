package dev.coracle.stream;

import dev.coracle.pod.Pods;
import dev.coracle.spec.StreamSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Port forwarding over one connection of a client: over SPDY two streams for each connection into the pod, which the client opens with
 * the port in their headers; over WebSocket two for each port that was asked for. Its thread hands out what the client sends; each
 * {@link Forward} has threads of its own. Confined to that thread.
 */
final class PortForwarding {
    private static final String PORT = "port";
    private static final String REQUEST = "requestid";
    private static final String ERROR = "error";
    private static final String DATA = "data";

    /** More at once than this over one connection are refused. */
    private static final int FORWARDS_MAX = 256;

    private static final int PORT_MAX = 65_535;

    private final Pods pods;
    private final Link link;
    private final StreamSpec.PortForward spec;
    private final Map<String, Forward> byRequest = new HashMap<>();
    private final Map<Integer, Forward> byStream = new HashMap<>();

    /** Over WebSocket, where the connection ends with the last of them. */
    private final AtomicInteger left = new AtomicInteger();

    PortForwarding(Pods pods, Link link, StreamSpec.PortForward spec) {
        this.pods = pods;
        this.link = link;
        this.spec = spec;
    }

    /** Returns when the client has gone, or when all is done that it can want. */
    void run() throws InterruptedException {
        if (link instanceof WebSocketLink) {
            openAll();
        }
        while (true) {
            Event event = link.next();
            switch (event) {
                case Event.Opened opened -> open(opened);
                case Event.Sent sent -> {
                    if (!pass(sent.stream(), sent)) {
                        link.wire().done(sent);
                    }
                }
                case Event.Ended(int stream) -> pass(stream, event);
                case Event.Reset(int stream) -> pass(stream, event);
                case Event.Gone _ -> {
                    byRequest.values().forEach(Forward::gone);
                    return;
                }
            }
        }
    }

    private boolean pass(int stream, Event event) {
        Forward forward = byStream.get(stream);
        return forward != null && forward.add(event);
    }

    /** Each stream begins with its port, as two bytes. */
    private void openAll() {
        left.set(spec.ports().size());
        for (int i = 0; i < spec.ports().size(); i++) {
            int port = spec.ports().get(i);
            Forward forward = new Forward(pods, link, new Forward.To(spec.pod(), port), this::closeAfterAll);
            byRequest.put(Integer.toString(i), forward);
            byStream.put(2 * i, forward);
            for (int stream = 2 * i; stream <= 2 * i + 1; stream++) {
                var _ = link.send(
                        stream,
                        ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) port));
            }
            forward.has(2 * i, 2 * i + 1);
        }
    }

    private void closeAfterAll() {
        if (left.decrementAndGet() == 0) {
            link.close();
        }
    }

    private void open(Event.Opened opened) {
        String type = opened.headers().getOrDefault(Role.HEADER, "");
        Integer port = port(opened.headers().getOrDefault(PORT, ""));
        boolean known = type.equals(DATA) || type.equals(ERROR);
        forgetDone();
        Forward forward = known && port != null ? forward(request(opened, type), port) : null;
        if (forward == null || !forward.takes(type.equals(DATA))) {
            link.reset(opened.stream());
            return;
        }
        link.accept(opened.stream());
        if (type.equals(DATA)) {
            byStream.put(opened.stream(), forward);
            forward.hasData(opened.stream());
        } else {
            forward.hasError(opened.stream());
        }
    }

    /** Null where there are too many. */
    private @Nullable Forward forward(String request, int port) {
        Forward forward = byRequest.get(request);
        if (forward == null && byRequest.size() < FORWARDS_MAX) {
            forward = new Forward(pods, link, new Forward.To(spec.pod(), port), () -> {});
            byRequest.put(request, forward);
        }
        return forward;
    }

    private void forgetDone() {
        byRequest.values().removeIf(Forward::done);
        byStream.values().removeIf(Forward::done);
    }

    /** Clients that do not number their requests open the error stream first, and the data stream next. */
    private static String request(Event.Opened opened, String type) {
        String given = opened.headers().getOrDefault(REQUEST, "");
        int first = type.equals(ERROR) ? opened.stream() : opened.stream() - 2;
        return given.isEmpty() ? "stream " + first : given;
    }

    private static @Nullable Integer port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= PORT_MAX ? port : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
