/** Pod networks by CNI: configuration, plugin calls as plans, their results, and the release of what was left. */
@NullMarked
package dev.coracle.net.cni;

import org.jspecify.annotations.NullMarked;
