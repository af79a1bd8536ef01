package dev.coracle.linux;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** The C library, loaded at the first use, and what every binding of it needs. Safe for any thread. */
final class Native {
    static final LibC C = LibraryLoader.create(LibC.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(C);

    private Native() {}

    /** The error number that this thread's last call left. */
    static int errno() {
        return RUNTIME.getLastError();
    }

    /**
     * The address of the first byte of a direct buffer, whatever its position. The caller keeps the buffer reachable for as long
     * as it uses the address.
     */
    static long address(ByteBuffer direct) {
        return MemoryIO.getInstance().getDirectBufferAddress(direct);
    }

    /** A zeroed block of native memory in the machine's byte order; it lives as long as the buffer is reachable. */
    static ByteBuffer block(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** The string's bytes and a terminating zero. */
    static byte[] cString(String text, Charset charset) {
        byte[] bytes = text.getBytes(charset);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
