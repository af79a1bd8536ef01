package dev.coracle.e2e;

import dev.coracle.proto.v1.ContainerEventResponse;
import dev.coracle.proto.v1.GetEventsRequest;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client of GetContainerEvents, from when it is let in; any thread may look at what it has got. */
public final class Follower implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<ContainerEventResponse> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch letIn = new CountDownLatch(1);
    private final ClientCall<GetEventsRequest, ContainerEventResponse> call;
    private volatile @Nullable Status end;

    private Follower(CriClient client, Consumer<ContainerEventResponse> onEvent) {
        call = client.channel().newCall(RuntimeServiceGrpc.getGetContainerEventsMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata headers) {
                        letIn.countDown();
                    }

                    @Override
                    public void onMessage(ContainerEventResponse event) {
                        onEvent.accept(event);
                        events.add(event);
                        call.request(1);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end = status;
                        letIn.countDown();
                    }
                },
                new Metadata());
        call.sendMessage(GetEventsRequest.getDefaultInstance());
        call.halfClose();
        call.request(1);
    }

    /** Returns when everything that happens from now on will be told. */
    public static Follower of(CriClient client) {
        return of(client, event -> {});
    }

    /** The same; {@code onEvent} runs on the connection's thread and must not call on that. */
    public static Follower of(CriClient client, Consumer<ContainerEventResponse> onEvent) {
        Follower follower = new Follower(client, onEvent);
        try {
            if (!follower.letIn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS) || follower.end != null) {
                throw new IllegalStateException("not let in: " + follower.end);
            }
            return follower;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public List<ContainerEventResponse> events() {
        return List.copyOf(events);
    }

    /** Waits until there are so many. */
    public List<ContainerEventResponse> await(int count) {
        return Waiting.until(
                count + " events", PATIENCE, () -> Optional.of(events()).filter(all -> all.size() >= count));
    }

    /** Waits until the daemon has ended it, and says how. */
    public Status awaitEnd() {
        return Waiting.until("the end of the events", PATIENCE, () -> Optional.ofNullable(end));
    }

    @Override
    public void close() {
        call.cancel("enough", null);
    }
}
