package dev.coracle.cdi;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of a specification file, taken apart field by field. What is left over at the end is a field that nobody knows, and an
 * error: a misspelled one would else be silently without effect. Confined to one reading.
 */
final class Fields {
    private final String at;
    private final Map<?, ?> values;
    private final Set<Object> unread;

    Fields(String at, @Nullable Object value) throws MalformedSpec {
        if (!(value instanceof Map<?, ?> map)) {
            throw new MalformedSpec((at.isEmpty() ? "the file" : at) + " is not an object");
        }
        this.at = at;
        this.values = map;
        this.unread = new LinkedHashSet<>(map.keySet());
    }

    void end() throws MalformedSpec {
        if (!unread.isEmpty()) {
            throw new MalformedSpec(path(String.valueOf(unread.iterator().next())) + " is not known");
        }
    }

    String path(String name) {
        return at.isEmpty() ? name : at + "." + name;
    }

    MalformedSpec wrong(String name, String reason) {
        return new MalformedSpec(path(name) + " " + reason);
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    /** Null when it is absent. */
    @Nullable
    Object value(String name) {
        unread.remove(name);
        return values.get(name);
    }

    String text(String name) throws MalformedSpec {
        Object value = value(name);
        if (value == null) {
            return "";
        }
        if (!(value instanceof String text) || text.indexOf('\0') >= 0) {
            throw wrong(name, "is not a string");
        }
        return text;
    }

    String required(String name) throws MalformedSpec {
        String text = text(name);
        if (text.isEmpty()) {
            throw wrong(name, "is missing");
        }
        return text;
    }

    String absolute(String name) throws MalformedSpec {
        String path = required(name);
        if (!path.startsWith("/")) {
            throw wrong(name, "is not an absolute path: " + path);
        }
        return path;
    }

    /** Null when it is absent. */
    @Nullable
    Long number(String name, long greatest) throws MalformedSpec {
        Object value = value(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Integer || value instanceof Long)) {
            throw wrong(name, "is not a whole number");
        }
        long number = ((Number) value).longValue();
        if (number < 0 || number > greatest) {
            throw wrong(name, "is not between 0 and " + greatest);
        }
        return number;
    }

    List<?> list(String name) throws MalformedSpec {
        Object value = value(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw wrong(name, "is not a list");
        }
        return list;
    }

    List<String> texts(String name) throws MalformedSpec {
        List<String> texts = new ArrayList<>();
        for (Object item : list(name)) {
            if (!(item instanceof String text) || text.indexOf('\0') >= 0) {
                throw wrong(name, "holds what is not a string");
            }
            texts.add(text);
        }
        return texts;
    }

    List<Fields> objects(String name) throws MalformedSpec {
        List<Fields> objects = new ArrayList<>();
        int index = 0;
        for (Object item : list(name)) {
            objects.add(new Fields(path(name) + "[" + index++ + "]", item));
        }
        return objects;
    }
}
