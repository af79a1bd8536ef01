package dev.coracle.cri;

import dev.coracle.proto.v1.NamespaceOption;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code NamespaceOption} and {@code IDMapping}. */
final class NamespacesIn {
    private static final long ID_MAX = 0xffff_ffffL;

    private NamespacesIn() {}

    /** Of a pod, which has no container yet to share a pid namespace with. */
    static NamespaceModes sandbox(NamespaceOption options, FieldPath at) {
        NamespaceModes modes = container(options, at);
        if (modes.pid() == NamespaceMode.TARGET) {
            throw at.dot("pid").invalid("TARGET is for containers only");
        }
        return modes;
    }

    static NamespaceModes container(NamespaceOption options, FieldPath at) {
        NamespaceMode pid = mode(options.getPid(), at.dot("pid"));
        String target = at.dot("target_id").text(options.getTargetId());
        if (pid == NamespaceMode.TARGET && target.isEmpty()) {
            throw at.dot("target_id").invalid("empty, while pid is TARGET");
        }
        return new NamespaceModes(
                podOrNode(options.getNetwork(), at.dot("network")),
                pid,
                podOrNode(options.getIpc(), at.dot("ipc")),
                pid == NamespaceMode.TARGET ? target : null,
                userNamespace(options, at.dot("userns_options")));
    }

    private static NamespaceMode podOrNode(dev.coracle.proto.v1.NamespaceMode mode, FieldPath at) {
        NamespaceMode read = mode(mode, at);
        if (read != NamespaceMode.POD && read != NamespaceMode.NODE) {
            throw at.invalid(read + " is neither POD nor NODE");
        }
        return read;
    }

    private static NamespaceMode mode(dev.coracle.proto.v1.NamespaceMode mode, FieldPath at) {
        return switch (mode) {
            case POD -> NamespaceMode.POD;
            case CONTAINER -> NamespaceMode.CONTAINER;
            case NODE -> NamespaceMode.NODE;
            case TARGET -> NamespaceMode.TARGET;
            case UNRECOGNIZED -> throw at.invalid("unknown mode");
        };
    }

    private static @Nullable UserNamespace userNamespace(NamespaceOption options, FieldPath at) {
        dev.coracle.proto.v1.UserNamespace user = options.getUsernsOptions();
        if (!options.hasUsernsOptions() || podOrNode(user.getMode(), at.dot("mode")) == NamespaceMode.NODE) {
            noMappings(user, at);
            return null;
        }
        return new UserNamespace(
                oneRange(idMappings(user.getUidsList(), at.dot("uids")), at.dot("uids")),
                oneRange(idMappings(user.getGidsList(), at.dot("gids")), at.dot("gids")));
    }

    private static void noMappings(dev.coracle.proto.v1.UserNamespace user, FieldPath at) {
        if (user.getUidsCount() > 0 || user.getGidsCount() > 0) {
            throw at.dot(user.getUidsCount() > 0 ? "uids" : "gids").invalid("given, while mode is NODE");
        }
    }

    /** A kubelet gives each pod one range; more could not be told apart from a mistake. */
    private static List<IdMapping> oneRange(List<IdMapping> mappings, FieldPath at) {
        if (mappings.size() != 1) {
            throw at.invalid(mappings.size() + " ranges, exactly one is supported");
        }
        if (mappings.getFirst().containerId() != 0) {
            throw at.at(0).dot("container_id").invalid("must be 0, so that the container has a root user");
        }
        return mappings;
    }

    static List<IdMapping> idMappings(List<dev.coracle.proto.v1.IDMapping> mappings, FieldPath at) {
        List<IdMapping> read = new ArrayList<>(mappings.size());
        for (int i = 0; i < mappings.size(); i++) {
            read.add(idMapping(mappings.get(i), at.at(i)));
        }
        return read;
    }

    private static IdMapping idMapping(dev.coracle.proto.v1.IDMapping mapping, FieldPath at) {
        long host = Integer.toUnsignedLong(mapping.getHostId());
        long container = Integer.toUnsignedLong(mapping.getContainerId());
        long length = Integer.toUnsignedLong(mapping.getLength());
        at.dot("length").between(length, 1, ID_MAX - Math.max(host, container));
        return new IdMapping(container, host, length);
    }
}
