/** Measures any CRI runtime, or races two, and prints figures for docs/performance.md. */
@NullMarked
package dev.coracle.e2e.bench;

import org.jspecify.annotations.NullMarked;
