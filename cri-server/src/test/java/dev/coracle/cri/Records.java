package dev.coracle.cri;

import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ImageConfig;
import dev.coracle.spec.PodId;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.Signal;
import dev.coracle.state.Attachment;
import dev.coracle.state.ContainerImage;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import dev.coracle.state.Prepared;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records as pods would hold them. */
final class Records {
    static final Prepared PREPARED =
            new Prepared(new ResolvedUser(1000, 1001, List.of(7L, 9L), "/home/www"), List.of());
    static final Attachment ATTACHMENT =
            new Attachment(List.of("10.88.0.5", "fd00::5"), List.of("eth0"), "{\"cniVersion\":\"1.1.0\"}");

    private Records() {}

    /** 64 hex digits that end in {@code number}. */
    static String id(int number) {
        return "%064x".formatted(number);
    }

    static PodRecord pod(int number, RunPodSandboxRequest request) {
        return PodRecord.intended(new PodId(id(number)), CriIn.sandboxSpec(request), 1_000 + number)
                .with(new PodState.Ready(ATTACHMENT));
    }

    static PodRecord notReady(PodRecord pod) {
        return pod.with(new PodState.NotReady(null));
    }

    static ContainerRecord container(int number, int pod, CreateContainerRequest request, ContainerState state) {
        return container(number, pod, request, state, null);
    }

    static ContainerRecord container(
            int number, int pod, CreateContainerRequest request, ContainerState state, @Nullable Signal imageSignal) {
        ImageConfig config = new ImageConfig("", List.of(), List.of(), List.of(), "", imageSignal, List.of(), Map.of());
        ContainerImage image = new ContainerImage("sha256:1234", "nginx@sha256:9", config, List.of());
        return ContainerRecord.intended(
                        new ContainerId(id(number)),
                        new PodId(id(pod)),
                        CriIn.containerSpec(request),
                        image,
                        2_000 + number)
                .with(state);
    }
}
