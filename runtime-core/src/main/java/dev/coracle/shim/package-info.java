/** Talks to {@code coracle-shim}, the C process that carries plans out, one per pod. */
@NullMarked
package dev.coracle.shim;

import org.jspecify.annotations.NullMarked;
