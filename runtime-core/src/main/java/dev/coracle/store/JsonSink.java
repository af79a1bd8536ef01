package dev.coracle.store;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes one JSON object, member by member. What {@link JsonSource} takes a missing member for is left out. One thread. */
final class JsonSink {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int USUAL_SIZE = 4096;

    private final JsonGenerator out;

    private JsonSink(JsonGenerator out) {
        this.out = out;
    }

    /** UTF-8; equal values give equal bytes. */
    static <T> byte[] bytes(T value, BiConsumer<JsonSink, T> writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_SIZE);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
            new JsonSink(out).object(value, writer);
        }
        return bytes.toByteArray();
    }

    private <T> void object(T value, BiConsumer<JsonSink, T> writer) {
        out.writeStartObject();
        writer.accept(this, value);
        out.writeEndObject();
    }

    JsonSink text(String name, @Nullable String value) {
        if (value != null) {
            out.writeStringProperty(name, value);
        }
        return this;
    }

    JsonSink number(String name, @Nullable Long value) {
        if (value != null) {
            out.writeNumberProperty(name, value.longValue());
        }
        return this;
    }

    JsonSink number(String name, long value) {
        if (value != 0) {
            out.writeNumberProperty(name, value);
        }
        return this;
    }

    JsonSink flag(String name, boolean value) {
        if (value) {
            out.writeBooleanProperty(name, true);
        }
        return this;
    }

    JsonSink word(String name, Enum<?> value) {
        return text(name, value.name());
    }

    /** Which case of a sealed type this is; its own name. */
    JsonSink is(Record value) {
        return text("is", value.getClass().getSimpleName());
    }

    JsonSink texts(String name, List<String> values) {
        if (!values.isEmpty()) {
            out.writeName(name);
            out.writeStartArray();
            values.forEach(out::writeString);
            out.writeEndArray();
        }
        return this;
    }

    JsonSink numbers(String name, List<Long> values) {
        if (!values.isEmpty()) {
            out.writeName(name);
            out.writeStartArray();
            values.forEach(out::writeNumber);
            out.writeEndArray();
        }
        return this;
    }

    JsonSink table(String name, Map<String, String> values) {
        if (!values.isEmpty()) {
            out.writeName(name);
            out.writeStartObject();
            new TreeMap<>(values).forEach(out::writeStringProperty);
            out.writeEndObject();
        }
        return this;
    }

    <T> JsonSink each(String name, List<T> values, BiConsumer<JsonSink, T> writer) {
        if (!values.isEmpty()) {
            out.writeName(name);
            out.writeStartArray();
            values.forEach(value -> object(value, writer));
            out.writeEndArray();
        }
        return this;
    }

    <T> JsonSink object(String name, @Nullable T value, BiConsumer<JsonSink, T> writer) {
        if (value != null) {
            out.writeName(name);
            object(value, writer);
        }
        return this;
    }
}
