/** Tests of the test images themselves. */
@NullMarked
package dev.coracle.e2e.images;

import org.jspecify.annotations.NullMarked;
