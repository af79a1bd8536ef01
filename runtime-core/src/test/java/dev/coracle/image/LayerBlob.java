package dev.coracle.image;

/** A layer for tests, as a registry stores it and as it unpacks. */
final class LayerBlob {
    private final byte[] blob;
    private final byte[] tar;

    LayerBlob(byte[] blob, byte[] tar) {
        this.blob = blob;
        this.tar = tar;
    }

    static LayerBlob gzip(Tar tar) {
        byte[] bytes = tar.bytes();
        return new LayerBlob(Tar.gzip(bytes), bytes);
    }

    byte[] blob() {
        return blob;
    }

    byte[] tar() {
        return tar;
    }
}
