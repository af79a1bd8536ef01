package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.coracle.failure.RuntimeFailure.Cancelled;
import dev.coracle.image.Pins;
import dev.coracle.pod.Made;
import dev.coracle.proto.v1.CheckpointContainerRequest;
import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.ContainerStatusResponse;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.ExecSyncRequest;
import dev.coracle.proto.v1.ExecSyncResponse;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.PodSandboxFilter;
import dev.coracle.proto.v1.PodSandboxState;
import dev.coracle.proto.v1.PodSandboxStateValue;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import dev.coracle.proto.v1.StartContainerRequest;
import dev.coracle.proto.v1.VersionRequest;
import dev.coracle.state.PodRecord;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as its clients see it, over a real socket; the pods behind it are fakes. */
final class CriServerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    private final FakePods pods = new FakePods();

    @AutoClose
    private TestServer server;

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;

    @BeforeEach
    void start() {
        server = new TestServer(
                directory, new Node.Network(false, "NetworkPluginNotReady", "no configuration"), pods, Pins.NONE);
        runtime = RuntimeServiceGrpc.newBlockingStub(server.channel());
    }

    @Test
    void a_kubelets_first_question_has_its_four_answers() {
        var version =
                runtime.version(VersionRequest.newBuilder().setVersion("0.1.0").build());
        assertThat(version.getVersion()).isEqualTo("0.1.0");
        assertThat(version.getRuntimeName()).isEqualTo("coracle");
        assertThat(version.getRuntimeVersion()).isEqualTo("1.2.3");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
    }

    @Test
    void what_is_not_built_says_so_with_its_name() {
        assertFails(
                () -> runtime.checkpointContainer(CheckpointContainerRequest.getDefaultInstance()),
                Status.Code.UNIMPLEMENTED,
                "answer CheckpointContainer: ");
    }

    @Test
    void failures_have_their_code_and_name_what_is_wrong() {
        assertFails(() -> status("absent"), Status.Code.NOT_FOUND, "find container absent: not found");
        assertFails(() -> status(""), Status.Code.INVALID_ARGUMENT, "container_id: empty");
        assertFails(
                () -> runtime.runPodSandbox(RunPodSandboxRequest.getDefaultInstance()),
                Status.Code.INVALID_ARGUMENT,
                "config: missing");
        assertThat(pods.calls).isEmpty();
    }

    @Test
    void a_bug_is_an_internal_error_with_an_id_and_leaks_nothing_else() {
        pods.exec = cancellation -> {
            throw new IllegalStateException("secret detail");
        };
        assertThatThrownBy(() -> exec("x"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageMatching("INTERNAL: answer ExecSync: internal error [0-9a-f]{8}, see the log .*");
    }

    @Test
    void lists_hold_what_meets_every_condition_of_the_filter() {
        PodRecord ready = Records.pod(0xa1, Samples.POD);
        PodRecord other = Records.notReady(Records.pod(0xa2, Samples.OLD_HOST_POD));
        pods.add(ready).add(other);
        assertThat(sandboxes(PodSandboxFilter.newBuilder()))
                .containsExactlyInAnyOrder(Records.id(0xa1), Records.id(0xa2));
        var state = PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY);
        assertThat(sandboxes(PodSandboxFilter.newBuilder().setState(state))).containsExactly(Records.id(0xa1));
        var label = PodSandboxFilter.newBuilder().putLabelSelector("app", "web");
        assertThat(sandboxes(label)).containsExactly(Records.id(0xa1));
        assertThat(sandboxes(label.setId(Records.id(0xa2)))).isEmpty();
        assertThat(sandboxes(PodSandboxFilter.newBuilder().setId("000"))).hasSize(2);
    }

    @Test
    void a_list_element_is_the_record_and_changes_with_it() {
        pods.add(Records.pod(1, Samples.POD));
        var item = runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItems(0);
        assertThat(item).isEqualTo(SandboxOut.item(Records.pod(1, Samples.POD)));
        pods.add(Records.notReady(Records.pod(1, Samples.POD)));
        assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItems(0)
                        .getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    }

    @Test
    void an_exec_brings_both_streams_whole_and_gives_its_memory_back() {
        AtomicBoolean released = new AtomicBoolean();
        ByteBuffer direct = ByteBuffer.allocateDirect(15 * MIB);
        for (int i = 0; i < direct.capacity(); i += 4096) {
            direct.put(i, (byte) (i >> 12));
        }
        ByteBuffer heap = ByteBuffer.wrap(new byte[] {'x', 'e', 'r', 'r', 'x'}, 1, 3);
        pods.exec = cancellation ->
                Made.execResult(List.of(direct, heap), List.of(heap.duplicate()), 3, () -> released.set(true));
        ExecSyncResponse response = exec("x");
        assertThat(response.getExitCode()).isEqualTo(3);
        assertThat(response.getStderr().toStringUtf8()).isEqualTo("err");
        assertThat(response.getStdout().size()).isEqualTo(15 * MIB + 3);
        assertThat(response.getStdout().byteAt(4096 * 77)).isEqualTo((byte) 77);
        assertThat(response.getStdout().substring(15 * MIB).toStringUtf8()).isEqualTo("err");
        assertThat(released).isTrue();
    }

    @Test
    void a_client_that_goes_away_cancels_what_waits_for_it_and_nothing_else_waits_meanwhile() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        pods.exec = cancellation -> {
            cancellation.onCancel(cancelled::countDown);
            waiting.countDown();
            awaitUninterruptibly(cancelled);
            return Made.execResult(List.of(), List.of(), 0, () -> {});
        };
        ListenableFuture<ExecSyncResponse> call =
                RuntimeServiceGrpc.newFutureStub(server.channel()).execSync(request("x"));
        assertThat(waiting.await(5, TimeUnit.SECONDS)).isTrue();
        runtime.version(VersionRequest.getDefaultInstance());
        call.cancel(true);
        assertThat(cancelled.await(5, TimeUnit.SECONDS)).isTrue();
        await().until(() -> pods.calls.size() == 1);
    }

    @Test
    void calls_under_way_are_told_that_the_daemon_ends() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        pods.exec = cancellation -> {
            CountDownLatch cancelled = new CountDownLatch(1);
            cancellation.onCancel(cancelled::countDown);
            waiting.countDown();
            awaitUninterruptibly(cancelled);
            throw new Cancelled("exec");
        };
        ListenableFuture<ExecSyncResponse> call =
                RuntimeServiceGrpc.newFutureStub(server.channel()).execSync(request("x"));
        assertThat(waiting.await(5, TimeUnit.SECONDS)).isTrue();
        server.end();
        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("UNAVAILABLE: answer ExecSync: the daemon is ending; call again");
    }

    @Test
    void large_output_keeps_its_room_until_it_is_read() throws Exception {
        AtomicBoolean released = new AtomicBoolean();
        ByteBuffer large = ByteBuffer.allocateDirect(15 * MIB);
        pods.exec = cancellation -> Made.execResult(List.of(large), List.of(), 0, () -> released.set(true));
        BlockingQueue<Integer> read = new LinkedBlockingQueue<>();
        CountDownLatch begun = new CountDownLatch(1);
        ClientCall<ExecSyncRequest, ExecSyncResponse> call =
                server.channel().newCall(RuntimeServiceGrpc.getExecSyncMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata headers) {
                        begun.countDown();
                    }

                    @Override
                    public void onMessage(ExecSyncResponse response) {
                        read.add(response.getStdout().size());
                    }
                },
                new Metadata());
        call.sendMessage(request("x"));
        call.halfClose();
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
        await().during(300, TimeUnit.MILLISECONDS).untilFalse(released);
        call.request(1);
        assertThat(read.poll(30, TimeUnit.SECONDS)).isEqualTo(15 * MIB);
        await().untilTrue(released);
    }

    @Test
    void ids_and_times_reach_the_pods() {
        runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId("c").build());
        runtime.execSync(ExecSyncRequest.newBuilder()
                .setContainerId("c")
                .addCmd("ls")
                .setTimeout(5)
                .build());
        assertThat(pods.calls).containsExactly("start c", "exec c [ls] PT5S");
    }

    @Test
    void requests_of_almost_16_mib_are_read_and_larger_ones_refused() {
        runtime.createContainer(withAnnotation(15 * MIB));
        assertThat(pods.calls).containsExactly("create pod web");
        assertFails(() -> runtime.createContainer(withAnnotation(17 * MIB)), Status.Code.RESOURCE_EXHAUSTED, "");
    }

    private List<String> sandboxes(PodSandboxFilter.Builder filter) {
        return runtime
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(filter).build())
                .getItemsList()
                .stream()
                .map(item -> item.getId())
                .toList();
    }

    private ContainerStatusResponse status(String id) {
        return runtime.containerStatus(
                ContainerStatusRequest.newBuilder().setContainerId(id).build());
    }

    private ExecSyncResponse exec(String id) {
        return runtime.execSync(request(id));
    }

    private static ExecSyncRequest request(String id) {
        return ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").build();
    }

    private static CreateContainerRequest withAnnotation(int bytes) {
        return Samples.container(config -> config.putAnnotations("big", "x".repeat(bytes)));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertFails(Supplier<?> call, Status.Code code, String message) {
        assertThatThrownBy(call::get).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(String.valueOf(e.getStatus().getDescription())).startsWith(message);
        });
    }
}
