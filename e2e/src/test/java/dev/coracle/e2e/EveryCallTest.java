package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every call that the contract has, each with an empty request. */
@DaemonTest
@CoracleOnly
final class EveryCallTest {
    private static final Set<String> NOT_BUILT = Set.of("CheckpointContainer", "CheckpointPod", "RestorePod");
    /** Its stream has no end. */
    private static final String EVENTS = "GetContainerEvents";

    private static final Set<Code> ANSWERS =
            Set.of(Code.OK, Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION);

    @Test
    void isAnsweredButForThoseOfCheckpoints(Rig rig) {
        Map<String, Status> answers = new TreeMap<>();
        for (ServiceDescriptor service :
                List.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())) {
            service.getMethods().forEach(method -> answers.put(method.getBareMethodName(), answer(rig, method)));
        }
        assertThat(answers).hasSizeGreaterThan(40);
        Set<String> unimplemented = new TreeSet<>();
        answers.forEach((name, status) -> {
            if (status.getCode() == Code.UNIMPLEMENTED) {
                assertThat(status.getDescription()).contains(name);
                unimplemented.add(name);
            } else if (name.equals(EVENTS)) {
                assertThat(status.getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
            } else {
                assertThat(status.getCode()).as(name + ": " + status).isIn(ANSWERS);
            }
        });
        assertThat(unimplemented).isEqualTo(NOT_BUILT);
        assertThat(rig.daemon().alive()).isTrue();
    }

    private static <Q> Status answer(Rig rig, MethodDescriptor<Q, ?> method) {
        Q empty = method.parseRequest(InputStream.nullInputStream());
        boolean endless = EVENTS.equals(method.getBareMethodName());
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(endless ? 1 : 60, TimeUnit.SECONDS);
        try {
            if (method.getType() == MethodType.UNARY) {
                var _ = ClientCalls.blockingUnaryCall(rig.client().channel(), method, options, empty);
            } else {
                ClientCalls.blockingServerStreamingCall(rig.client().channel(), method, options, empty)
                        .forEachRemaining(_ -> {});
            }
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }
}
