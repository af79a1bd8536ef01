/** What will be done: kernel operations in order, as values with a text form and a byte form. */
@NullMarked
package dev.coracle.plan;

import org.jspecify.annotations.NullMarked;
