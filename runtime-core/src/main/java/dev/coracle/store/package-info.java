/** Records on disk: where they lie, how they are written, and how they are found again. */
@NullMarked
package dev.coracle.store;

import org.jspecify.annotations.NullMarked;
