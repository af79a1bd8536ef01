package dev.coracle.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.coracle.e2e.images.Json;
import dev.coracle.proto.Contract;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes messages in the form that crictl reads: the contract's names, enumerations by name, bytes in base64. */
public final class RequestJson {
    private RequestJson() {}

    public static String of(MessageLite message) {
        return new String(Json.bytes(object(Contract.open(message))), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> object(Message message) {
        Map<String, Object> object = new TreeMap<>();
        message.getAllFields().forEach((field, value) -> object.put(field.getName(), value(field, value)));
        return object;
    }

    private static Object value(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            Map<String, Object> map = new TreeMap<>();
            for (Object entry : (List<?>) value) {
                Map<String, Object> pair = object((Message) entry);
                map.put(String.valueOf(pair.getOrDefault("key", "")), pair.getOrDefault("value", ""));
            }
            return map;
        }
        return value instanceof List<?> list
                ? list.stream().map(RequestJson::single).toList()
                : single(value);
    }

    private static Object single(Object value) {
        return switch (value) {
            case Message message -> object(message);
            case EnumValueDescriptor number -> number.getName();
            case ByteString bytes -> Base64.getEncoder().encodeToString(bytes.toByteArray());
            default -> value;
        };
    }
}
