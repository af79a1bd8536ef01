package dev.coracle.cri;

import dev.coracle.pod.Announcement;
import dev.coracle.proto.v1.ContainerEventResponse;
import dev.coracle.proto.v1.ContainerEventType;

/** Writes what has happened. */
final class EventOut {
    private EventOut() {}

    static byte[] response(Announcement news) {
        return ContainerEventResponse.newBuilder()
                .setContainerId(news.id())
                .setContainerEventType(type(news.kind()))
                .setCreatedAt(news.at())
                .setPodSandboxStatus(SandboxOut.status(news.snapshot().pod()))
                .addAllContainersStatuses(CriOut.statuses(news.snapshot()))
                .build()
                .toByteArray();
    }

    private static ContainerEventType type(Announcement.Kind kind) {
        return switch (kind) {
            case CREATED -> ContainerEventType.CONTAINER_CREATED_EVENT;
            case STARTED -> ContainerEventType.CONTAINER_STARTED_EVENT;
            case STOPPED -> ContainerEventType.CONTAINER_STOPPED_EVENT;
            case DELETED -> ContainerEventType.CONTAINER_DELETED_EVENT;
        };
    }
}
