package dev.coracle.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** The memory behind direct buffers. Any thread. */
public final class BufferMemory {
    private static final int MADV_DONTNEED = 4;

    private BufferMemory() {}

    /**
     * Gives the memory of a buffer that nobody uses back to the system. What it holds is lost; it takes memory again page by page as it is
     * written to. The pages at its ends stay where it shares them. madvise(2), MADV_DONTNEED.
     *
     * @throws SyscallException as madvise(2)
     */
    public static void release(ByteBuffer direct) throws SyscallException {
        try {
            long page = Native.C.getpagesize();
            long address = Native.address(direct);
            long start = Math.ceilDiv(address, page) * page;
            long end = Math.floorDiv(address + direct.capacity(), page) * page;
            if (start < end && Native.C.madvise(start, end - start, MADV_DONTNEED) != 0) {
                throw new SyscallException("madvise", "a buffer", Native.errno());
            }
        } finally {
            Reference.reachabilityFence(direct);
        }
    }
}
