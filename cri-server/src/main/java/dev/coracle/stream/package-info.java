/** Exec, attach and port forwarding over SPDY/3.1 and WebSocket. */
@NullMarked
package dev.coracle.stream;

import org.jspecify.annotations.NullMarked;
