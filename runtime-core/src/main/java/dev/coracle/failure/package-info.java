/** What can go wrong: {@code RuntimeFailure} and its cases, which the gRPC layer maps to status codes. */
@NullMarked
package dev.coracle.failure;

import org.jspecify.annotations.NullMarked;
