package dev.coracle.image;

/**
 * What one image may cost at most; an image beyond it is refused. The defaults are far above any image in use.
 *
 * @param documentBytes size of a manifest or configuration
 * @param layers number of layers
 * @param layerBytes size of a layer's uncompressed tar stream
 * @param layerEntries number of entries in a layer
 * @param notedPaths number of directories that a layer has entries in but none for, and of hard links to lower layers: these are kept
 *     in memory
 */
public record PullLimits(long documentBytes, int layers, long layerBytes, long layerEntries, long notedPaths) {
    private static final long USUAL_NOTED_PATHS = 50_000;

    public static final PullLimits DEFAULT = new PullLimits(4L << 20, 400, 256L << 30, 20_000_000);

    public PullLimits(long documentBytes, int layers, long layerBytes, long layerEntries) {
        this(documentBytes, layers, layerBytes, layerEntries, USUAL_NOTED_PATHS);
    }
}
