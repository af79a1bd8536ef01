package dev.coracle.cri;

import dev.coracle.proto.v1.LinuxPodSandboxStatus;
import dev.coracle.proto.v1.ListPodSandboxResponse;
import dev.coracle.proto.v1.Namespace;
import dev.coracle.proto.v1.PodIP;
import dev.coracle.proto.v1.PodSandbox;
import dev.coracle.proto.v1.PodSandboxMetadata;
import dev.coracle.proto.v1.PodSandboxNetworkStatus;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PodSandboxStatus;
import dev.coracle.spec.PodMetadata;
import dev.coracle.state.PodRecord;
import java.util.List;

/** Writes what clients see of pods. */
final class SandboxOut {
    private SandboxOut() {}

    static PodSandboxState state(PodRecord pod) {
        return pod.ready() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
    }

    /** One element of a {@code ListPodSandboxResponse}, with its tag: a list is the concatenation of such. */
    static byte[] element(PodRecord pod) {
        return ListPodSandboxResponse.newBuilder().addItems(item(pod)).build().toByteArray();
    }

    static PodSandbox item(PodRecord pod) {
        return PodSandbox.newBuilder()
                .setId(pod.id().value())
                .setMetadata(metadata(pod.spec().metadata()))
                .setState(state(pod))
                .setCreatedAt(pod.createdAt())
                .putAllLabels(pod.spec().labels())
                .putAllAnnotations(pod.spec().annotations())
                .setRuntimeHandler(pod.spec().runtimeHandler())
                .build();
    }

    static PodSandboxStatus status(PodRecord pod) {
        return PodSandboxStatus.newBuilder()
                .setId(pod.id().value())
                .setMetadata(metadata(pod.spec().metadata()))
                .setState(state(pod))
                .setCreatedAt(pod.createdAt())
                .setNetwork(network(pod.addresses()))
                .setLinux(LinuxPodSandboxStatus.newBuilder()
                        .setNamespaces(Namespace.newBuilder()
                                .setOptions(NamespacesOut.write(
                                        pod.spec().security().namespaces()))))
                .putAllLabels(pod.spec().labels())
                .putAllAnnotations(pod.spec().annotations())
                .setRuntimeHandler(pod.spec().runtimeHandler())
                .build();
    }

    static PodSandboxMetadata metadata(PodMetadata metadata) {
        return PodSandboxMetadata.newBuilder()
                .setName(metadata.name())
                .setUid(metadata.uid())
                .setNamespace(metadata.namespace())
                .setAttempt((int) metadata.attempt())
                .build();
    }

    /** The primary address first; none with the host's network or when the pod is not ready. */
    private static PodSandboxNetworkStatus network(List<String> addresses) {
        PodSandboxNetworkStatus.Builder network = PodSandboxNetworkStatus.newBuilder();
        if (!addresses.isEmpty()) {
            network.setIp(addresses.getFirst());
        }
        addresses.stream()
                .skip(1)
                .forEach(address -> network.addAdditionalIps(PodIP.newBuilder().setIp(address)));
        return network.build();
    }
}
