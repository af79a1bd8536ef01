/** The system calls that the JDK lacks; the only place with native code. */
@NullMarked
package dev.coracle.linux;

import org.jspecify.annotations.NullMarked;
