/** One class per RPC of the CRI. */
@NullMarked
package dev.coracle.cri.rpc;

import org.jspecify.annotations.NullMarked;
