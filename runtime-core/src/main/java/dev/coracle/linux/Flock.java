package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An exclusive flock(2) on a file. It belongs to the open file, not to the process: it is let go when the last descriptor of
 * it is closed, also by the death of all who hold one, and a child that inherits {@link #fd} holds it too.
 */
public final class Flock implements AutoCloseable {
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private final Fd fd;

    private Flock(Fd fd) {
        this.fd = fd;
    }

    /**
     * Takes the lock if nobody holds it; the file is made if it is missing, with mode 0600. Does not block.
     *
     * @return the lock, or nothing where somebody else holds it
     * @throws SyscallException if the file cannot be opened
     */
    public static Optional<Flock> tryLock(Path file) throws SyscallException {
        int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_NOFOLLOW;
        Fd fd = new Linux().openat(null, file.toString(), flags, 0600);
        if (Native.C.flock(fd.number(), LOCK_EX | LOCK_NB) == 0) {
            return Optional.of(new Flock(fd));
        }
        int errno = Native.errno();
        fd.close();
        if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
            return Optional.empty();
        }
        throw new SyscallException("flock", file.toString(), errno);
    }

    /** The descriptor that holds the lock; it is closed on exec. */
    public Fd fd() {
        return fd;
    }

    /** Lets this process's hold go. */
    @Override
    public void close() {
        fd.close();
    }
}
