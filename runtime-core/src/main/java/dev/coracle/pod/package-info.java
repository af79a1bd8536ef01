/** Pods and their containers: the lock, the order of things, and recovery after a restart. */
@NullMarked
package dev.coracle.pod;

import org.jspecify.annotations.NullMarked;
