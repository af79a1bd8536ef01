/** Tests of a packaged runtime from outside. */
@NullMarked
package dev.coracle.e2e;

import org.jspecify.annotations.NullMarked;
