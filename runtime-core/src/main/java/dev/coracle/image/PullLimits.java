package dev.coracle.image;

/**
 * What one image may cost at most; an image beyond it is refused. The defaults are far above any image in use.
 *
 * @param documentBytes size of a manifest or configuration
 * @param layers number of layers
 * @param layerBytes size of a layer's uncompressed tar stream
 * @param layerEntries number of entries in a layer
 */
public record PullLimits(long documentBytes, int layers, long layerBytes, long layerEntries) {
    public static final PullLimits DEFAULT = new PullLimits(8L << 20, 400, 256L << 30, 20_000_000);
}
