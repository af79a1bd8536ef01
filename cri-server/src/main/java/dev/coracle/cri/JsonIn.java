package dev.coracle.cri;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.math.BigInteger;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads protobuf's JSON into a message, field by field. What it does not know is an error that names where it stands. */
final class JsonIn {
    private static final JsonFactory JSON = new JsonFactory();

    private final JsonParser json;

    private JsonIn(JsonParser json) {
        this.json = json;
    }

    /**
     * @throws dev.coracle.failure.RuntimeFailure.InvalidSpec if it is not JSON, or not a message of that type
     */
    static void read(String text, Message.Builder into, FieldPath at) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
            json.nextToken();
            JsonIn reader = new JsonIn(json);
            reader.message(into, at);
            if (json.nextToken() != null) {
                throw at.invalid("something follows the object, " + reader.position());
            }
        } catch (JacksonException e) {
            throw at.invalid("not JSON: " + e.getOriginalMessage() + ", line "
                    + e.getLocation().getLineNr());
        }
    }

    private void message(Message.Builder into, FieldPath at) {
        expect(JsonToken.START_OBJECT, "an object", at);
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            FieldPath fieldAt = at.dot(name);
            FieldDescriptor field = field(into.getDescriptorForType(), name);
            if (field == null) {
                throw fieldAt.invalid("unknown field, " + position());
            }
            if (json.nextToken() != JsonToken.VALUE_NULL) {
                value(into, field, fieldAt);
            }
        }
    }

    private static @Nullable FieldDescriptor field(Descriptor type, String name) {
        for (FieldDescriptor field : type.getFields()) {
            if (field.getName().equals(name) || field.getJsonName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    private void value(Message.Builder into, FieldDescriptor field, FieldPath at) {
        if (field.isMapField()) {
            map(into, field, at);
        } else if (field.isRepeated()) {
            expect(JsonToken.START_ARRAY, "an array", at);
            for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                into.addRepeatedField(field, single(into, field, at.at(i)));
            }
        } else {
            into.setField(field, single(into, field, at));
        }
    }

    private void map(Message.Builder into, FieldDescriptor field, FieldPath at) {
        expect(JsonToken.START_OBJECT, "an object", at);
        FieldDescriptor key = field.getMessageType().findFieldByName("key");
        FieldDescriptor value = field.getMessageType().findFieldByName("value");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            Message.Builder entry = into.newBuilderForField(field);
            entry.setField(key, json.currentName());
            json.nextToken();
            entry.setField(value, single(entry, value, at.at(String.valueOf(entry.getField(key)))));
            into.addRepeatedField(field, entry.build());
        }
    }

    private Object single(Message.Builder parent, FieldDescriptor field, FieldPath at) {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                Message.Builder inner = parent.newBuilderForField(field);
                message(inner, at);
                yield inner.build();
            }
            case ENUM -> enumeration(field, at);
            case BOOLEAN -> bool(at);
            case STRING -> string(at);
            case BYTE_STRING -> bytes(at);
            case INT -> Math.toIntExact(integer(field, at));
            case LONG -> integer(field, at);
            case FLOAT, DOUBLE -> throw at.invalid("fractions are not read");
        };
    }

    private EnumValueDescriptor enumeration(FieldDescriptor field, FieldPath at) {
        EnumValueDescriptor value = switch (json.currentToken()) {
            case VALUE_STRING -> field.getEnumType().findValueByName(json.getString());
            case VALUE_NUMBER_INT -> field.getEnumType().findValueByNumber(json.getIntValue());
            default -> null;
        };
        if (value == null) {
            throw at.invalid("not a name or number of " + field.getEnumType().getName() + ": " + json.getString());
        }
        return value;
    }

    private boolean bool(FieldPath at) {
        if (!json.currentToken().isBoolean()) {
            throw at.invalid("expected true or false, " + position());
        }
        return json.getBooleanValue();
    }

    private String string(FieldPath at) {
        expect(JsonToken.VALUE_STRING, "a string", at);
        return json.getString();
    }

    private ByteString bytes(FieldPath at) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(string(at)));
        } catch (IllegalArgumentException e) {
            throw at.invalid("not base64: " + json.getString());
        }
    }

    /** In the range of the field's type; an unsigned one as the signed number of the same bits, as protobuf has it. */
    private long integer(FieldDescriptor field, FieldPath at) {
        JsonToken token = json.currentToken();
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_STRING) {
            throw at.invalid("expected an integer, " + position());
        }
        try {
            BigInteger value = new BigInteger(json.getString());
            return switch (field.getType()) {
                case UINT32 -> (int) requireBits(value, 32, at);
                case UINT64 -> requireBits(value, 64, at);
                case INT32 -> value.intValueExact();
                default -> value.longValueExact();
            };
        } catch (NumberFormatException e) {
            throw at.invalid("not an integer: " + json.getString());
        } catch (ArithmeticException e) {
            throw at.invalid("out of range: " + json.getString());
        }
    }

    private static long requireBits(BigInteger value, int bits, FieldPath at) {
        if (value.signum() < 0 || value.bitLength() > bits) {
            throw at.invalid("out of range: " + value);
        }
        return value.longValue();
    }

    private void expect(JsonToken token, String what, FieldPath at) {
        if (json.currentToken() != token) {
            throw at.invalid("expected " + what + ", " + position());
        }
    }

    private String position() {
        return "line " + json.currentTokenLocation().getLineNr();
    }
}
