package dev.coracle.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The members of one JSON object, by name. What is missing was not written by an older build: it is nothing, zero or an empty text, and
 * an error only where a value must be. Members nobody asks for come from a newer build and do not matter. Confined to one thread.
 */
final class JsonSource {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String IS = "is";

    private final Map<String, Object> members;
    private final String place;

    private JsonSource(Map<String, Object> members, String place) {
        this.members = members;
        this.place = place;
    }

    /**
     * Reads one object; throws {@link MisshapenException} or {@link tools.jackson.core.JacksonException} if {@code bytes} are anything
     * else.
     */
    static JsonSource of(byte[] bytes) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            in.nextToken();
            JsonSource source = new JsonSource(members(value(in), "record"), "record");
            if (in.nextToken() != null) {
                throw new MisshapenException("record", "more than one");
            }
            return source;
        }
    }

    /** The value that begins at the current token; null for JSON's own. */
    private static @Nullable Object value(JsonParser in) {
        JsonToken token = in.currentToken();
        if (token == null) {
            throw new MisshapenException("record", "empty");
        }
        return switch (token) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> array(in);
            case VALUE_STRING -> in.getString();
            case VALUE_NUMBER_INT -> in.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new MisshapenException("record", "a " + token);
        };
    }

    private static Map<String, Object> object(JsonParser in) {
        Map<String, Object> found = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            Object value = value(in);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }

    private static List<@Nullable Object> array(JsonParser in) {
        List<@Nullable Object> found = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            found.add(value(in));
        }
        return found;
    }

    String text(String name) {
        String value = optionalText(name);
        return value == null ? "" : value;
    }

    @Nullable
    String optionalText(String name) {
        return member(name, String.class);
    }

    long number(String name) {
        Long value = optionalNumber(name);
        return value == null ? 0 : value;
    }

    @Nullable
    Long optionalNumber(String name) {
        return member(name, Long.class);
    }

    int integer(String name) {
        long value = number(name);
        if (value != (int) value) {
            throw new MisshapenException(at(name), "out of range: " + value);
        }
        return (int) value;
    }

    boolean flag(String name) {
        return Objects.equals(member(name, Boolean.class), true);
    }

    List<String> texts(String name) {
        return list(name, String.class);
    }

    List<Long> numbers(String name) {
        return list(name, Long.class);
    }

    Map<String, String> table(String name) {
        Map<String, String> found = new LinkedHashMap<>();
        Object table = members.get(name);
        if (table != null) {
            members(table, at(name))
                    .forEach((key, value) -> found.put(key, cast(value, String.class, at(name) + "." + key)));
        }
        return found;
    }

    <E extends Enum<E>> E word(String name, Class<E> type) {
        String word = text(name);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(word)) {
                return constant;
            }
        }
        throw new MisshapenException(at(name), word.isEmpty() ? "missing" : "unknown word " + word);
    }

    <T> List<T> each(String name, Function<JsonSource, T> reader) {
        List<T> found = new ArrayList<>();
        for (Object element : elements(name)) {
            String where = at(name) + "[" + found.size() + "]";
            found.add(reader.apply(new JsonSource(members(element, where), where)));
        }
        return found;
    }

    <T> T object(String name, Function<JsonSource, T> reader) {
        T found = optional(name, reader);
        if (found == null) {
            throw new MisshapenException(at(name), "missing");
        }
        return found;
    }

    <T> @Nullable T optional(String name, Function<JsonSource, T> reader) {
        Object value = members.get(name);
        return value == null ? null : reader.apply(new JsonSource(members(value, at(name)), at(name)));
    }

    /** Which case of a sealed type this is. */
    String is() {
        return text(IS);
    }

    /** For a case that this build does not have. */
    MisshapenException unknownCase() {
        return new MisshapenException(place, is().isEmpty() ? "does not say what it is" : "unknown case " + is());
    }

    private <T> List<T> list(String name, Class<T> type) {
        List<T> found = new ArrayList<>();
        for (Object element : elements(name)) {
            found.add(cast(element, type, at(name) + "[" + found.size() + "]"));
        }
        return found;
    }

    private List<?> elements(String name) {
        List<?> value = member(name, List.class);
        return value == null ? List.of() : value;
    }

    private <T> @Nullable T member(String name, Class<T> type) {
        Object value = members.get(name);
        return value == null ? null : cast(value, type, at(name));
    }

    private static <T> T cast(@Nullable Object value, Class<T> type, String place) {
        if (!type.isInstance(value)) {
            throw new MisshapenException(place, "not a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    @SuppressWarnings("unchecked") // the only maps in there are our own, made above
    private static Map<String, Object> members(@Nullable Object value, String place) {
        return cast(value, Map.class, place);
    }

    private String at(String name) {
        return place + "." + name;
    }
}
