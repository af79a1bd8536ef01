package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import org.jspecify.annotations.Nullable;

/**
 * Where in a request a value stands, written as its client would: {@code config.mounts[2].host_path}; and the checks that
 * many fields share. Each check returns the value it was given, or throws {@link InvalidSpec} naming the path.
 */
record FieldPath(@Nullable FieldPath parent, String name) {
    static FieldPath of(String name) {
        return new FieldPath(null, name);
    }

    FieldPath dot(String field) {
        return new FieldPath(this, "." + field);
    }

    FieldPath at(int index) {
        return new FieldPath(this, "[" + index + "]");
    }

    FieldPath at(String key) {
        return new FieldPath(this, "[" + key + "]");
    }

    @Override
    public String toString() {
        return parent == null ? name : parent + name;
    }

    InvalidSpec invalid(String reason) {
        return new InvalidSpec(toString(), reason);
    }

    /** For messages that must be there. */
    void requirePresent(boolean present) {
        if (!present) {
            throw invalid("missing");
        }
    }

    /** Kernel strings end at a NUL: one inside would silently cut the value. */
    String text(String value) {
        if (value.indexOf('\0') >= 0) {
            throw invalid("holds a NUL character");
        }
        return value;
    }

    String required(String value) {
        if (value.isEmpty()) {
            throw invalid("empty");
        }
        return text(value);
    }

    /** For what is written into a file of lines. */
    String word(String value) {
        if (required(value).chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw invalid("holds white space or a control character: " + printable(value));
        }
        return value;
    }

    String absolute(String path) {
        if (!required(path).startsWith("/")) {
            throw invalid("not an absolute path: " + path);
        }
        return path;
    }

    String absoluteOrEmpty(String path) {
        return path.isEmpty() ? path : absolute(path);
    }

    /** A path that stays below the directory it will be joined to; may be empty. */
    String relativeOrEmpty(String path) {
        if (text(path).startsWith("/")) {
            throw invalid("not a relative path: " + path);
        }
        return withoutParents(path);
    }

    String withoutParents(String path) {
        for (String element : path.split("/", -1)) {
            if (element.equals("..")) {
                throw invalid("holds '..': " + path);
            }
        }
        return path;
    }

    long between(long value, long least, long greatest) {
        if (value < least || value > greatest) {
            throw invalid(value + " is not between " + least + " and " + greatest);
        }
        return value;
    }

    private static String printable(String value) {
        StringBuilder text = new StringBuilder();
        value.chars().forEach(c -> {
            if (Character.isISOControl(c)) {
                text.append("\\x%02x".formatted(c));
            } else {
                text.append((char) c);
            }
        });
        return text.toString();
    }
}
