package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.pod.Announcement.Kind;
import dev.coracle.pod.Made;
import dev.coracle.pod.PodSnapshot;
import dev.coracle.proto.v1.ContainerEventResponse;
import dev.coracle.proto.v1.ContainerEventType;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.GetEventsRequest;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GetContainerEvents over a real socket. */
final class EventStreamTest {
    /** More than a connection takes that is not read. */
    private static final int MANY = 8 * Made.Row.KEPT;

    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final int ANNOUNCERS = 8;
    private static final int EACH = 500;

    private static final PodSnapshot SNAPSHOT = new PodSnapshot(
            Records.pod(1, Samples.POD),
            List.of(Records.container(
                    2, 1, Samples.CONTAINER, new dev.coracle.state.ContainerState.Running(Records.PREPARED, 77))));

    @TempDir
    private Path directory;

    private final FakePods pods = new FakePods();

    @AutoClose
    private TestServer server;

    @BeforeEach
    void start() {
        server = new TestServer(directory, pods);
    }

    @Test
    void every_client_gets_every_event_with_the_whole_pod() throws InterruptedException {
        List<Client> clients = List.of(new Client(), new Client(), new Client());
        for (Client client : clients) {
            client.read(10);
            await().untilTrue(client.letIn);
        }
        pods.announcements.announce(Kind.CREATED, Records.id(1), SNAPSHOT);
        pods.announcements.announce(Kind.STARTED, Records.id(2), SNAPSHOT);
        for (Client client : clients) {
            assertThat(client.next().getContainerId()).isEqualTo(Records.id(1));
            ContainerEventResponse event = client.next();
            assertThat(event.getContainerEventType()).isEqualTo(ContainerEventType.CONTAINER_STARTED_EVENT);
            assertThat(event.getContainerId()).isEqualTo(Records.id(2));
            assertThat(event.getCreatedAt()).isGreaterThan(1_700_000_000_000_000_000L);
            assertThat(event.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
            assertThat(event.getPodSandboxStatus().getMetadata().getName()).isNotEmpty();
            assertThat(event.getContainersStatusesList()).singleElement().satisfies(container -> {
                assertThat(container.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
                assertThat(container.getStartedAt()).isEqualTo(77);
            });
        }
    }

    @Test
    void under_load_every_client_gets_what_the_row_has_in_its_order() throws InterruptedException {
        List<Client> clients = Stream.generate(Client::new).limit(5).toList();
        for (Client client : clients) {
            client.read(Integer.MAX_VALUE);
            await().untilTrue(client.letIn);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < ANNOUNCERS; i++) {
                int first = i * EACH;
                threads.execute(() -> announce(first, clients));
            }
        }
        List<String> taken = pods.announcements.taken();
        assertThat(taken).hasSize(ANNOUNCERS * EACH);
        for (Client client : clients) {
            List<String> got = new ArrayList<>();
            for (int i = 0; i < taken.size(); i++) {
                ContainerEventResponse event = client.next();
                got.add(word(event) + " " + event.getContainerId());
            }
            assertThat(got).isEqualTo(taken);
        }
    }

    private static String word(ContainerEventResponse event) {
        return event.getContainerEventType().name().replace("CONTAINER_", "").replace("_EVENT", "");
    }

    /** No quicker than clients read, or they would be told what they have missed. */
    private void announce(int first, List<Client> clients) {
        for (int i = first; i < first + EACH; i++) {
            clients.forEach(client -> client.room.acquireUninterruptibly());
            pods.announcements.announce(KINDS.get(i % KINDS.size()), Records.id(i), SNAPSHOT);
        }
    }

    @Test
    void one_that_does_not_read_holds_up_nobody_and_learns_how_much_it_missed() throws InterruptedException {
        Client slow = new Client();
        Client quick = new Client();
        await().untilTrue(slow.letIn);
        await().untilTrue(quick.letIn);
        quick.read(Integer.MAX_VALUE);
        for (int i = 0; i < MANY; i++) {
            pods.announcements.announce(Kind.STARTED, Records.id(i), SNAPSHOT);
            assertThat(quick.next().getContainerId()).isEqualTo(Records.id(i));
        }
        slow.read(Integer.MAX_VALUE);
        Status end = slow.ended.poll(10, TimeUnit.SECONDS);
        assertThat(end).isNotNull();
        assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        int read = slow.events.size();
        int lost = MANY - Made.Row.KEPT - read;
        assertThat(read).isPositive();
        assertThat(lost).isPositive();
        assertThat(end.getDescription()).startsWith("follow events: " + lost + " of them are lost");
    }

    @Test
    void followers_are_told_that_the_daemon_ends() throws InterruptedException {
        Client follower = new Client();
        follower.read(10);
        await().untilTrue(follower.letIn);
        server.end();
        Status end = follower.ended.poll(10, TimeUnit.SECONDS);
        assertThat(end).isNotNull();
        assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(end.getDescription()).isEqualTo("answer GetContainerEvents: the daemon is ending; call again");
    }

    private final class Client extends ClientCall.Listener<ContainerEventResponse> {
        private final ClientCall<GetEventsRequest, ContainerEventResponse> call;
        private final AtomicBoolean letIn = new AtomicBoolean();
        private final BlockingQueue<ContainerEventResponse> events = new LinkedBlockingQueue<>();
        private final Semaphore room = new Semaphore(Made.Row.KEPT / 2);
        private final BlockingQueue<Status> ended = new LinkedBlockingQueue<>();

        Client() {
            call = server.channel().newCall(RuntimeServiceGrpc.getGetContainerEventsMethod(), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.sendMessage(GetEventsRequest.getDefaultInstance());
            call.halfClose();
        }

        void read(int count) {
            call.request(count);
        }

        ContainerEventResponse next() throws InterruptedException {
            @Nullable ContainerEventResponse event = events.poll(10, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            return event;
        }

        @Override
        public void onHeaders(Metadata headers) {
            letIn.set(true);
        }

        @Override
        public void onMessage(ContainerEventResponse event) {
            events.add(event);
            room.release();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended.add(status);
        }
    }
}
