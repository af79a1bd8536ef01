/** What drives a packaged runtime from outside: a node to run it in, a client, a registry, and a look at what it leaves behind. */
@NullMarked
package dev.coracle.e2e;

import org.jspecify.annotations.NullMarked;
