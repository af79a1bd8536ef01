package dev.coracle.cri;

import dev.coracle.proto.v1.IDMapping;
import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.proto.v1.UserNamespace;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import java.util.List;

/** Writes {@code NamespaceOption} and {@code IDMapping}. */
final class NamespacesOut {
    private NamespacesOut() {}

    static NamespaceOption write(NamespaceModes modes) {
        NamespaceOption.Builder option = NamespaceOption.newBuilder()
                .setNetwork(mode(modes.network()))
                .setPid(mode(modes.pid()))
                .setIpc(mode(modes.ipc()));
        if (modes.target() != null) {
            option.setTargetId(modes.target());
        }
        if (modes.user() != null) {
            option.setUsernsOptions(UserNamespace.newBuilder()
                    .setMode(dev.coracle.proto.v1.NamespaceMode.POD)
                    .addAllUids(idMappings(modes.user().uids()))
                    .addAllGids(idMappings(modes.user().gids())));
        }
        return option.build();
    }

    static List<IDMapping> idMappings(List<IdMapping> mappings) {
        return mappings.stream()
                .map(mapping -> IDMapping.newBuilder()
                        .setContainerId((int) mapping.containerId())
                        .setHostId((int) mapping.hostId())
                        .setLength((int) mapping.length())
                        .build())
                .toList();
    }

    static dev.coracle.proto.v1.NamespaceMode mode(NamespaceMode mode) {
        return switch (mode) {
            case POD -> dev.coracle.proto.v1.NamespaceMode.POD;
            case CONTAINER -> dev.coracle.proto.v1.NamespaceMode.CONTAINER;
            case NODE -> dev.coracle.proto.v1.NamespaceMode.NODE;
            case TARGET -> dev.coracle.proto.v1.NamespaceMode.TARGET;
        };
    }
}
