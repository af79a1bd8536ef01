package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.io.IOException;

/** A system call said no. The message is {@code call object: ERRNO}. */
public final class SyscallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    SyscallException(String call, String object, int errno) {
        super((object.isEmpty() ? call : call + " " + object) + ": " + Errno.name(errno));
        this.errno = errno;
    }

    /** The kernel's error number, see {@link Errno}. */
    public int errno() {
        return errno;
    }
}
