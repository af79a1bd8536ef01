package dev.coracle.http;

/** A connection that is ready for requests. Safe for any thread. */
sealed interface Link permits PlainLink, SharedLink {
    /** Sends the request. Does not wait; what goes wrong the exchange learns. */
    void begin(Exchange exchange);
}
