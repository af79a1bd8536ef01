/** HTTP/1.1 and HTTP/2 as a client, for threads that wait: one event loop below moves the bytes. */
@NullMarked
package dev.coracle.http;

import org.jspecify.annotations.NullMarked;
