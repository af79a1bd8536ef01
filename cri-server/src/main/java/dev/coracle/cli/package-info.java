/** The command line, and {@code Main}, which builds the objects. */
@NullMarked
package dev.coracle.cli;

import org.jspecify.annotations.NullMarked;
