/** Usage of pods and containers, read from cgroup files and from /proc. */
@NullMarked
package dev.coracle.stats;

import org.jspecify.annotations.NullMarked;
