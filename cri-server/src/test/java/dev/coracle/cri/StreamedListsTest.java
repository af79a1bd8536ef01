package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.MessageLite;
import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.Container;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxFilter;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.StreamContainersRequest;
import dev.coracle.proto.v1.StreamContainersResponse;
import dev.coracle.proto.v1.StreamPodSandboxesRequest;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists in pieces, over a real socket. */
final class StreamedListsTest {
    private static final int MANY = 2_000;

    @TempDir
    private Path directory;

    private final AtomicInteger looked = new AtomicInteger();
    private final FakePods pods = new FakePods();

    @AutoClose
    private TestServer server;

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;

    @BeforeEach
    void start() {
        server = new TestServer(directory, pods);
        runtime = RuntimeServiceGrpc.newBlockingStub(server.channel());
    }

    @Test
    void the_pieces_together_are_the_list() {
        fill();
        List<Container> streamed = new ArrayList<>();
        int pieces = 0;
        for (Iterator<StreamContainersResponse> left =
                        runtime.streamContainers(StreamContainersRequest.getDefaultInstance());
                left.hasNext(); ) {
            StreamContainersResponse piece = left.next();
            assertThat(piece.getSerializedSize()).isLessThanOrEqualTo(Pieces.BYTES);
            streamed.addAll(piece.getContainersList());
            pieces++;
        }
        assertThat(pieces).isGreaterThan(5);
        assertThat(streamed)
                .containsExactlyInAnyOrderElementsOf(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList());
    }

    @Test
    void filters_are_those_of_the_list_and_an_empty_list_is_an_empty_stream() {
        pods.add(Records.pod(1, Samples.POD)).add(Records.pod(2, Samples.POD));
        PodSandboxFilter one =
                PodSandboxFilter.newBuilder().setId(Records.id(2)).build();
        assertThat(runtime.streamPodSandboxes(StreamPodSandboxesRequest.newBuilder()
                                .setFilter(one)
                                .build())
                        .next()
                        .getPodSandboxesList())
                .isEqualTo(runtime.listPodSandbox(ListPodSandboxRequest.newBuilder()
                                .setFilter(one)
                                .build())
                        .getItemsList());
        assertThat(runtime.streamPodSandboxes(StreamPodSandboxesRequest.newBuilder()
                                .setFilter(one.toBuilder().setId("f"))
                                .build())
                        .hasNext())
                .isFalse();
    }

    /** Its elements are made as it reads: what it does not take lies nowhere. */
    @Test
    void a_client_that_does_not_read_holds_nothing_up_but_itself() throws InterruptedException {
        fill();
        BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        ClientCall<StreamContainersRequest, StreamContainersResponse> call =
                server.channel().newCall(RuntimeServiceGrpc.getStreamContainersMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(StreamContainersResponse message) {
                        looked.addAndGet(message.getContainersCount());
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(StreamContainersRequest.getDefaultInstance());
        call.halfClose();
        call.request(1);
        await().until(() -> looked.get() > 0);
        assertThat(looked).hasValueLessThan(MANY);
        assertThat(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount())
                .isEqualTo(MANY);
        call.request(MANY);
        assertThat(ended.poll(10, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        assertThat(looked).hasValue(MANY);
    }

    @Test
    void a_piece_is_made_when_there_is_room_for_it() {
        List<EncodedAnswer> sent = new ArrayList<>();
        AtomicInteger made = new AtomicInteger();
        List<Integer> madeAtSend = new ArrayList<>();
        Outlet<EncodedAnswer> outlet = new Outlet<>() {
            @Override
            public void open() {}

            @Override
            public void send(EncodedAnswer message) {
                sent.add(message);
                madeAtSend.add(made.get());
            }

            @Override
            public dev.coracle.pod.Cancellation cancellation() {
                return dev.coracle.pod.Cancellation.NEVER;
            }
        };
        byte[] large = new byte[Pieces.BYTES / 2];
        Pieces.send(
                Stream.of(large, large, large, new byte[2 * Pieces.BYTES], new byte[1])
                        .peek(_ -> made.incrementAndGet()),
                outlet);
        assertThat(sent.stream().map(answer -> answer.parts().size())).containsExactly(2, 1, 1, 1);
        assertThat(madeAtSend).containsExactly(3, 4, 5, 5);
    }

    /** The same bytes serve the list and the stream. */
    @Test
    void elements_have_the_same_number_in_both() {
        List<MessageLite> lists = List.of(
                dev.coracle.proto.v1.ListPodSandboxResponse.getDefaultInstance(),
                dev.coracle.proto.v1.StreamPodSandboxesResponse.getDefaultInstance(),
                dev.coracle.proto.v1.ListContainersResponse.getDefaultInstance(),
                StreamContainersResponse.getDefaultInstance(),
                dev.coracle.proto.v1.ListContainerStatsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.StreamContainerStatsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.ListPodSandboxStatsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.StreamPodSandboxStatsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.ListPodSandboxMetricsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.StreamPodSandboxMetricsResponse.getDefaultInstance(),
                dev.coracle.proto.v1.ListImagesResponse.getDefaultInstance(),
                dev.coracle.proto.v1.StreamImagesResponse.getDefaultInstance());
        for (MessageLite list : lists) {
            assertThat(Contract.descriptor(list).getFields()).singleElement().satisfies(field -> {
                assertThat(field.getNumber()).isEqualTo(1);
                assertThat(field.isRepeated()).isTrue();
            });
        }
    }

    private void fill() {
        ContainerState running = new ContainerState.Running(Records.PREPARED, 1);
        for (int i = 0; i < MANY; i++) {
            ContainerRecord container = Records.container(i, 1, Samples.CONTAINER, running);
            pods.add(container);
        }
    }
}
