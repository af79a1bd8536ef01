package dev.coracle.spec;

/**
 * Which image a container runs (CRI {@code ImageSpec}).
 *
 * @param image the id that a pull answered, or a name
 * @param userSpecified the name its user wrote; empty when not given; shown in the container's status
 */
public record ImageRequest(String image, String userSpecified) {}
