/** The CRI contract; beside its generated code, what tests say about its fields. */
@NullMarked
package dev.coracle.proto;

import org.jspecify.annotations.NullMarked;
