/** What is wanted: identities, pods, containers, mounts, security and resources, as immutable values. */
@NullMarked
package dev.coracle.spec;

import org.jspecify.annotations.NullMarked;
