package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cri.rpc.ListContainers;
import dev.coracle.cri.rpc.ListPodSandbox;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.ListContainersResponse;
import dev.coracle.proto.v1.ListPodSandboxRequest;
import dev.coracle.proto.v1.ListPodSandboxResponse;
import dev.coracle.state.ContainerState;
import io.grpc.Drainable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the two lists cost that a kubelet asks for each second. Processor time is measured: other load does not count. */
final class ListCostTest {
    private static final int PODS = 500;
    private static final int MILLIS = 10;

    private final FakePods pods = new FakePods();

    @BeforeEach
    void fill() {
        ContainerState running = new ContainerState.Running(Records.PREPARED, 1);
        for (int i = 0; i < PODS; i++) {
            pods.add(Records.pod(i, Samples.POD));
            pods.add(Records.container(2 * i, i, Samples.CONTAINER, running));
            pods.add(Records.container(2 * i + 1, i, Samples.CONTAINER, running));
        }
    }

    @Test
    void lists_of_500_pods_and_1000_containers_take_less_than_10_ms_each_and_are_whole() throws IOException {
        ListPodSandbox listPods = new ListPodSandbox(pods);
        ListContainers listContainers = new ListContainers(pods);
        assertThat(ListPodSandboxResponse.parseFrom(bytes(listPods.handle(ListPodSandboxRequest.getDefaultInstance())))
                        .getItemsCount())
                .isEqualTo(PODS);
        assertThat(ListContainersResponse.parseFrom(
                                bytes(listContainers.handle(ListContainersRequest.getDefaultInstance())))
                        .getContainersCount())
                .isEqualTo(2 * PODS);
        long podMicros = median(() -> bytes(listPods.handle(ListPodSandboxRequest.getDefaultInstance())));
        long containerMicros = median(() -> bytes(listContainers.handle(ListContainersRequest.getDefaultInstance())));
        assertThat(podMicros).as("µs for the pods").isLessThan(MILLIS * 1000);
        assertThat(containerMicros).as("µs for the containers").isLessThan(MILLIS * 1000);
    }

    private interface Work {
        byte[] run() throws IOException;
    }

    private static long median(Work work) {
        long[] micros =
                LongStream.range(0, 31).map(i -> cpuMicros(work)).sorted().toArray();
        return micros[micros.length / 2];
    }

    private static long cpuMicros(Work work) {
        try {
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            work.run();
            return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1000;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(EncodedAnswer answer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(answer.length());
        ((Drainable) EncodedAnswer.MARSHALLER.stream(answer)).drainTo(bytes);
        return bytes.toByteArray();
    }
}
