package dev.coracle.state;

import java.util.List;

/**
 * What a network gave a pod.
 *
 * @param addresses of the pod, plain, without prefix lengths, the primary first
 * @param interfaces names inside the pod's network namespace, the one with the primary address first
 * @param result the network's own record of it, which it wants back for the release; JSON in the case of CNI
 */
public record Attachment(List<String> addresses, List<String> interfaces, String result) {
    public Attachment {
        addresses = List.copyOf(addresses);
        interfaces = List.copyOf(interfaces);
    }
}
