/** What a pod wants of a network, as one interface. */
@NullMarked
package dev.coracle.net;

import org.jspecify.annotations.NullMarked;
