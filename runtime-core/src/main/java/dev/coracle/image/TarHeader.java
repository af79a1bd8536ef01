package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * One header block of a tar archive, 512 bytes: the POSIX ustar form, the old GNU form, and the form older than both
 * (tar(5)).
 */
final class TarHeader {
    static final int BYTES = 512;

    private static final int CHECKSUM = 148;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int GNU_SPARSE = 386;
    private static final int GNU_EXTENDED = 482;
    private static final int GNU_REAL_SIZE = 483;

    private final byte[] block;

    /** @param block is not copied: the header is good until it is filled anew */
    TarHeader(byte[] block) {
        this.block = block;
    }

    /** Whether all of the block is zero: it ends the archive. */
    boolean isEnd() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** @throws LayerFault if the block's sum is not the one it holds; old writers summed signed bytes */
    void verify() throws LayerFault {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BYTES; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM + 8 ? (byte) ' ' : block[i];
            unsigned += Byte.toUnsignedInt(b);
            signed += b;
        }
        String told = text(CHECKSUM, 8).strip();
        if (!told.matches("[0-7]{1,8}") || (Long.parseLong(told, 8) != unsigned && Long.parseLong(told, 8) != signed)) {
            throw new LayerFault("a tar header has a wrong checksum: this is no tar stream, or a damaged one");
        }
    }

    char type() {
        return (char) Byte.toUnsignedInt(block[156]);
    }

    String name() {
        String name = text(0, 100);
        boolean posix = text(MAGIC, 6).equals("ustar") && block[MAGIC + 5] == 0;
        String prefix = posix ? text(PREFIX, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String link() {
        return text(157, 100);
    }

    long mode() throws LayerFault {
        return number(100, 8);
    }

    long uid() throws LayerFault {
        return number(108, 8);
    }

    long gid() throws LayerFault {
        return number(116, 8);
    }

    long size() throws LayerFault {
        return number(124, 12);
    }

    long modified() throws LayerFault {
        return number(136, 12);
    }

    long major() throws LayerFault {
        return isUstar() ? number(329, 8) : 0;
    }

    long minor() throws LayerFault {
        return isUstar() ? number(337, 8) : 0;
    }

    /** Of an old GNU sparse file: the size it has when it is laid out. */
    long sparseSize() throws LayerFault {
        return number(GNU_REAL_SIZE, 12);
    }

    /** Of an old GNU sparse file: adds the pieces named here, and says whether a block with more of them follows. */
    boolean sparseMap(List<Extent> extents) throws LayerFault {
        addExtents(block, GNU_SPARSE, 4, extents);
        return block[GNU_EXTENDED] != 0;
    }

    /** The same for a block that only continues the map. */
    static boolean sparseMap(byte[] continuation, List<Extent> extents) throws LayerFault {
        addExtents(continuation, 0, 21, extents);
        return continuation[504] != 0;
    }

    private static void addExtents(byte[] from, int at, int most, List<Extent> extents) throws LayerFault {
        TarHeader fields = new TarHeader(from);
        for (int i = at; i < at + most * 24 && from[i] != 0; i += 24) {
            extents.add(new Extent(fields.number(i, 12), fields.number(i + 12, 12)));
        }
    }

    private boolean isUstar() {
        return new String(block, MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar");
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** Octal digits between blanks and zeros, or, with the top bit set, a big-endian binary number. */
    private long number(int at, int length) throws LayerFault {
        if (block[at] < 0) {
            return binary(at, length);
        }
        String digits = text(at, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new LayerFault("a tar header has \"" + digits + "\" where a number must be", e);
        }
    }

    private long binary(int at, int length) throws LayerFault {
        byte[] bytes = Arrays.copyOfRange(block, at, at + length);
        boolean negative = (bytes[0] & 0x40) != 0;
        bytes[0] = (byte) (negative ? bytes[0] | 0x80 : bytes[0] & 0x7f);
        java.math.BigInteger value = new java.math.BigInteger(bytes);
        if (value.bitLength() > 63) {
            throw new LayerFault("a tar header has a number of more than 63 bits");
        }
        return value.longValue();
    }
}
