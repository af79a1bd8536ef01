package dev.coracle.image;

import dev.coracle.http.PieceInput;

/** A blob's bytes in their order, however they are brought. Nothing is checked. Confined to the thread that reads. */
abstract sealed class BlobInput extends PieceInput permits BlobStream, BlobRanges {
    /** What came turned out to be wrong: whoever sent it is asked last from now on. */
    abstract void blame();
}
