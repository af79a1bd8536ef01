package dev.coracle.e2e;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.coracle.proto.Contract;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.List;

/**
 * Takes one field out of every message on its way, as if the other side ignored it: a test that says it shows the field must then fail. One
 * for the whole JVM; any thread.
 */
public final class ErasedField implements ClientInterceptor {
    private static volatile String erased = "";

    /** {@code field} is a message and its field, {@code Mount.readonly}; empty for none. */
    public static void erase(String field) {
        erased = field;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onMessage(A message) {
                                super.onMessage(without(message));
                            }
                        },
                        headers);
            }

            @Override
            public void sendMessage(Q message) {
                super.sendMessage(without(message));
            }
        };
    }

    @SuppressWarnings("unchecked") // closed again it is what it was
    private static <M> M without(M message) {
        String field = erased;
        return field.isEmpty() || !(message instanceof MessageLite proto)
                ? message
                : (M) Contract.closed(without(Contract.open(proto), field), proto);
    }

    private static Message without(Message message, String field) {
        Message.Builder changed = message.toBuilder();
        message.getAllFields().forEach((descriptor, value) -> {
            if (field.equals(descriptor.getContainingType().getName() + "." + descriptor.getName())) {
                changed.clearField(descriptor);
            } else if (descriptor.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !descriptor.isMapField()) {
                changed.setField(
                        descriptor,
                        value instanceof List<?> list
                                ? list.stream()
                                        .map(element -> without((Message) element, field))
                                        .toList()
                                : without((Message) value, field));
            }
        });
        return changed.build();
    }
}
