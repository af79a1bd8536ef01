package dev.coracle.stream;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a stream of an exec or attach is for. */
enum Role {
    STDIN(0),
    STDOUT(1),
    STDERR(2),
    ERROR(3),
    RESIZE(4);

    /** The header of a SPDY stream that names its role. */
    static final String HEADER = "streamtype";

    private final int channel;

    Role(int channel) {
        this.channel = channel;
    }

    /** Null for none that is known. */
    static @Nullable Role of(Map<String, String> headers) {
        String name = headers.getOrDefault(HEADER, "");
        for (Role role : values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
                return role;
            }
        }
        return null;
    }

    /** Its number where streams have fixed ones. */
    int channel() {
        return channel;
    }
}
