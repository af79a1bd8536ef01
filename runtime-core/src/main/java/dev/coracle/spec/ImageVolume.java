package dev.coracle.spec;

/**
 * The files of an image as a read-only volume.
 *
 * @param image the image's id or name as the client gave it
 * @param subPath a directory inside it, relative; empty for all of it
 */
public record ImageVolume(String image, String subPath) {}
