package dev.coracle.cri;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sends a list in messages of a size that connections like, each with as many elements as go into it. An element is made when
 * there is room for it, not before.
 */
public final class Pieces {
    /** One message, unless a single element is larger. */
    static final int BYTES = 64 << 10;

    private Pieces() {}

    /** {@code elements} are encoded with the tag they have in the response. */
    public static void send(Stream<byte[]> elements, Outlet<EncodedAnswer> outlet) {
        List<byte[]> piece = new ArrayList<>();
        int bytes = 0;
        for (Iterator<byte[]> left = elements.iterator(); left.hasNext(); ) {
            byte[] element = left.next();
            if (bytes + element.length > BYTES && !piece.isEmpty()) {
                outlet.send(EncodedAnswer.ofElements(piece.stream()));
                piece.clear();
                bytes = 0;
            }
            piece.add(element);
            bytes += element.length;
        }
        if (!piece.isEmpty()) {
            outlet.send(EncodedAnswer.ofElements(piece.stream()));
        }
    }
}
