/** From a spec and the facts of the host to a plan: pure functions, the only place that decides. */
@NullMarked
package dev.coracle.planner;

import org.jspecify.annotations.NullMarked;
