package dev.coracle.http;

/**
 * A proxy that is reached by http. What is encrypted goes through a tunnel (RFC 9110, 9.3.6) that it is asked for.
 *
 * @param proof the value of Proxy-Authorization; empty for none
 */
public record HttpProxy(String host, int port, String proof) {
    /** Without the proof. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
