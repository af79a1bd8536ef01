package dev.coracle.spec;

import java.util.List;

/** What goes into a pod's {@code resolv.conf} (CRI {@code DNSConfig}), each list in order. */
public record Dns(List<String> servers, List<String> searches, List<String> options) {
    public Dns {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }
}
