/** What is: the states, events and lifecycles of pods and containers, and the records that are kept of them. */
@NullMarked
package dev.coracle.state;

import org.jspecify.annotations.NullMarked;
