/** From CRI messages to specs and back, and from failures to gRPC status codes. */
@NullMarked
package dev.coracle.cri;

import org.jspecify.annotations.NullMarked;
