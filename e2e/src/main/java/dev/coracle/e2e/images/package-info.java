/** The images that the tests run, made here, always with the same digests, and pushed to a registry on loopback. */
@NullMarked
package dev.coracle.e2e.images;

import org.jspecify.annotations.NullMarked;
