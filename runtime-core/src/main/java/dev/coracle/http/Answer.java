package dev.coracle.http;

import java.net.http.HttpHeaders;

/**
 * The head of an answer, and its body on its way. Whoever has it reads the body to its end or closes it.
 *
 * @param body fails with an IOException when the connection does; may be closed by any thread, and whoever reads then fails
 */
public record Answer(int status, HttpHeaders headers, Content body) {}
