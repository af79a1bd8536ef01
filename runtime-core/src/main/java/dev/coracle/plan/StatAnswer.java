package dev.coracle.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The answer of a {@code stat} op.
 *
 * @param mode type and permission bits, as st_mode
 * @param size in bytes
 * @param rdev device number of a device node, as st_rdev
 * @param realPath the descriptor's own path on the host; empty where /proc was out of reach
 */
public record StatAnswer(int mode, int uid, int gid, long size, long rdev, String realPath) {
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;

    /** As a {@code stat} op of this name brings it. */
    public Map<String, Bytes> asAnswers(String name) {
        ByteBuffer numbers = ByteBuffer.allocate(5 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        numbers.putLong(mode).putLong(uid).putLong(gid).putLong(size).putLong(rdev);
        return Map.of(name + ".stat", Bytes.of(numbers.array()), name + ".realpath", Bytes.utf8(realPath));
    }

    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    public boolean isRegularFile() {
        return (mode & TYPE) == REGULAR;
    }
}
