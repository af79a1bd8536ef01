package dev.coracle.cri;

import dev.coracle.proto.v1.ImageServiceGrpc;
import dev.coracle.proto.v1.RuntimeServiceGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.concurrent.Executor;

/** Makes gRPC services of the table: our own descriptors, because some methods have response marshallers of ours. */
final class Services {
    private final RpcCall.Surroundings surroundings;

    /** Blocking calls run on {@code threads}; {@code calls} has all that are not answered. */
    Services(Executor threads, OpenCalls calls) {
        this.surroundings = new RpcCall.Surroundings(threads, new CallLog(), calls);
    }

    List<ServerServiceDefinition> of(RpcTable table) {
        return List.of(
                service(RuntimeServiceGrpc.SERVICE_NAME, table.runtimeService()),
                service(ImageServiceGrpc.SERVICE_NAME, table.imageService()),
                service(OwnCalls.SERVICE_NAME, table.ownService()));
    }

    private ServerServiceDefinition service(String name, List<Binding<?, ?>> bindings) {
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(name);
        bindings.forEach(binding -> descriptor.addMethod(binding.method()));
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        bindings.forEach(binding -> add(service, binding));
        return service.build();
    }

    private <Q, A> void add(ServerServiceDefinition.Builder service, Binding<Q, A> binding) {
        service.addMethod(binding.method(), (call, headers) -> {
            RpcCall<Q, A> begun = new RpcCall<>(binding, call, surroundings);
            surroundings.calls().add(begun);
            return begun;
        });
    }
}
