package dev.coracle.stream;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** How a session ended, as the error stream tells it: the {@code metav1.Status} that Kubernetes' clients read. Pure functions. */
final class Verdict {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int INTERNAL_ERROR = 500;

    private final String json;
    private final String text;

    private Verdict(String json, String text) {
        this.json = json;
        this.text = text;
    }

    static Verdict success() {
        return new Verdict("{\"metadata\":{},\"status\":\"Success\"}", "");
    }

    /** {@code code} is 0 to 255. */
    static Verdict exited(int code) {
        if (code == 0) {
            return success();
        }
        String message = "command terminated with non-zero exit code: exit status " + code;
        return failure(message, "NonZeroExitCode", json -> {
            json.writeObjectPropertyStart("details");
            json.writeArrayPropertyStart("causes");
            json.writeStartObject();
            json.writeStringProperty("reason", "ExitCode");
            json.writeStringProperty("message", Integer.toString(code));
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    static Verdict failed(String message) {
        return failure(message, "InternalError", json -> json.writeNumberProperty("code", INTERNAL_ERROR));
    }

    private interface Rest {
        void write(JsonGenerator json);
    }

    private static Verdict failure(String message, String reason, Rest rest) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart("metadata");
            json.writeEndObject();
            json.writeStringProperty("status", "Failure");
            json.writeStringProperty("message", message);
            json.writeStringProperty("reason", reason);
            rest.write(json);
            json.writeEndObject();
        }
        return new Verdict(text.toString(), message);
    }

    /** What the error stream carries; empty for nothing. */
    ByteBuffer bytes(Dialect dialect) {
        return ByteBuffer.wrap((dialect.statuses() ? json : text).getBytes(StandardCharsets.UTF_8));
    }
}
