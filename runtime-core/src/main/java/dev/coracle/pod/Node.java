package dev.coracle.pod;

import dev.coracle.cdi.CdiDevices;
import dev.coracle.net.PodNetwork;
import dev.coracle.planner.Handlers;
import dev.coracle.planner.Host;
import dev.coracle.shim.Shims;
import dev.coracle.store.Epitaphs;
import dev.coracle.store.Records;
import dev.coracle.store.StorePaths;
import dev.coracle.store.WritableLayers;

/**
 * All that pods need of the node they run on.
 *
 * @param boot id of the node's boot
 */
record Node(
        Host host,
        Handlers handlers,
        String boot,
        Clock clock,
        StorePaths paths,
        Records records,
        Epitaphs epitaphs,
        WritableLayers layers,
        Roots roots,
        Shims shims,
        Connections connections,
        PodNetwork network,
        CdiDevices devices) {}
