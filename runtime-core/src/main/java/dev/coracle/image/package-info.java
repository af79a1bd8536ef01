/** Images: references, registries, pulling, unpacking and garbage collection. */
@NullMarked
package dev.coracle.image;

import org.jspecify.annotations.NullMarked;
