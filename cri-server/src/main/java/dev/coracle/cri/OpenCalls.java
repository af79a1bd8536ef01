package dev.coracle.cri;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The calls that are not answered yet, so that the daemon's end can be told to their clients. Any thread. */
final class OpenCalls {
    private final Set<RpcCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /** One that comes too late is ended at once. */
    void add(RpcCall<?, ?> call) {
        calls.add(call);
        if (ended) {
            call.end();
        }
    }

    void remove(RpcCall<?, ?> call) {
        calls.remove(call);
    }

    /** Ends all there are and all that come. */
    void end() {
        ended = true;
        calls.forEach(RpcCall::end);
    }
}
