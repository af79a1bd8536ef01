package dev.coracle.image;

import dev.coracle.http.Content;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an answer over HTTP, and its body on its way. Whoever has it reads or closes the body.
 *
 * @param body fails when it stalls
 */
record HostAnswer(int status, HttpHeaders headers, Content body) {
    private static final int MAX_ERROR_BYTES = 4096;
    private static final Pattern ERROR_CODE = Pattern.compile("\"code\"\\s*:\\s*\"([A-Z_]{3,40})\"");

    /** All of what was asked for, or a stretch of it (RFC 9110, 15.3). */
    boolean isContent() {
        return status == 200 || status == 206;
    }

    Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** Reads what small body there is, so that the connection can be used again. */
    void discard() {
        errorCode();
    }

    /** The code that registries put into the body of an error, such as {@code TOOMANYREQUESTS}; empty for none. Ends the body. */
    String errorCode() {
        try (body) {
            Matcher matcher = ERROR_CODE.matcher(new String(body.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8));
            return matcher.find() ? matcher.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
