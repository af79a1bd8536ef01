package dev.coracle.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON document that somebody else wrote, read leniently: what is missing or {@code null} is empty, what is there must have the
 * expected type. Immutable.
 */
final class JsonTree {
    /** A document that is not JSON, or where something has the wrong type; the message says where. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    private static final int MAX_DEPTH = 64;
    private static final int MAX_TEXT = 8 << 20;
    /** Of a few bytes of text a tree makes a hundred on the heap. */
    private static final int MAX_TOKENS = 250_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_TEXT)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final @Nullable Object value;
    private final String where;

    private JsonTree(@Nullable Object value, String where) {
        this.value = value;
        this.where = where;
    }

    /** @throws Malformed if it is not one JSON value and nothing else */
    static JsonTree parse(byte[] document) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), document)) {
            parser.nextToken();
            Object value = read(parser);
            if (parser.nextToken() != null) {
                throw new Malformed("more than one JSON value");
            }
            return new JsonTree(value, "");
        } catch (JacksonException e) {
            throw new Malformed("not JSON: " + e.getOriginalMessage());
        }
    }

    private static @Nullable Object read(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new Malformed("not JSON: it ends too early");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            fields.put(name, read(parser));
        }
        return fields;
    }

    private static List<@Nullable Object> array(JsonParser parser) {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(read(parser));
        }
        return elements;
    }

    /** Whether there is a field of this name that is not null. */
    boolean has(String field) {
        return get(field).value != null;
    }

    /** The field of an object; of nothing, nothing. */
    JsonTree get(String field) {
        return new JsonTree(fields().get(field), where.isEmpty() ? field : where + "." + field);
    }

    /** A text field, empty if it is missing. */
    String text(String field) {
        return get(field).as(String.class).orElse("");
    }

    /** A whole number, 0 if it is missing. */
    long number(String field) {
        return get(field).as(Long.class).orElse(0L);
    }

    /** A truth value, false if it is missing. */
    boolean flag(String field) {
        return get(field).as(Boolean.class).orElse(false);
    }

    /** The elements of an array field, none if it is missing. */
    List<JsonTree> list(String field) {
        JsonTree array = get(field);
        List<JsonTree> elements = new ArrayList<>();
        for (Object element : array.as(List.class).orElse(List.of())) {
            elements.add(new JsonTree(element, array.where + "[" + elements.size() + "]"));
        }
        return elements;
    }

    /** The texts of an array field, none if it is missing. */
    List<String> texts(String field) {
        return list(field).stream()
                .map(element -> element.as(String.class).orElse(""))
                .toList();
    }

    /** An object field whose values are texts, in the document's order; empty if it is missing. */
    Map<String, String> textMap(String field) {
        JsonTree object = get(field);
        Map<String, String> map = new LinkedHashMap<>();
        object.fields().keySet().forEach(name -> map.put(name, object.text(name)));
        return map;
    }

    /** The names of an object field's own fields, in the document's order. */
    List<String> names(String field) {
        return List.copyOf(get(field).fields().keySet());
    }

    @SuppressWarnings("unchecked") // object() makes every map here, with these types
    private Map<String, @Nullable Object> fields() {
        return (Map<String, @Nullable Object>) as(Map.class).orElse(Map.of());
    }

    private <T> Optional<T> as(Class<T> type) {
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw new Malformed((where.isEmpty() ? "document" : where) + " has the wrong type");
        }
        return Optional.of(type.cast(value));
    }
}
