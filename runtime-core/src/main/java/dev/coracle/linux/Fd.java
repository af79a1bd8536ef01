package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.nio.ByteBuffer;

/**
 * An open file descriptor and the calls that need nothing but it. Closing it twice closes once. Not to be used by a virtual
 * thread where the file is not in memory: every call blocks its carrier. Confined to one thread at a time.
 */
public final class Fd implements AutoCloseable {
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private int number;

    Fd(int number) {
        this.number = number;
    }

    /** The descriptor's number, or -1 once it is closed. */
    public int number() {
        return number;
    }

    /**
     * Writes all that is left of a direct buffer at the file's position: write(2), repeated until nothing is left.
     *
     * @throws SyscallException as write(2); what was written before it failed stays written
     */
    public void write(ByteBuffer direct) throws SyscallException {
        long address = Native.address(direct);
        while (direct.hasRemaining()) {
            long written = Native.C.write(number, address + direct.position(), direct.remaining());
            direct.position(direct.position() + advance("write", written));
        }
    }

    /**
     * Writes all that is left of a direct buffer at {@code offset}, in bytes from the file's start: pwrite(2).
     *
     * @throws SyscallException as pwrite(2)
     */
    public void pwrite(ByteBuffer direct, long offset) throws SyscallException {
        long address = Native.address(direct);
        long at = offset;
        while (direct.hasRemaining()) {
            long written = Native.C.pwrite(number, address + direct.position(), direct.remaining(), at);
            int step = advance("pwrite", written);
            direct.position(direct.position() + step);
            at += step;
        }
    }

    /**
     * Reads into what is left of a direct buffer: read(2), once.
     *
     * @return the number of bytes read, or -1 at the end of the file
     * @throws SyscallException as read(2)
     */
    public int read(ByteBuffer direct) throws SyscallException {
        long address = Native.address(direct) + direct.position();
        long count;
        do {
            count = Native.C.read(number, address, direct.remaining());
        } while (count < 0 && Native.errno() == Errno.EINTR);
        check("read", count);
        direct.position(direct.position() + (int) count);
        return count == 0 && direct.hasRemaining() ? -1 : (int) count;
    }

    /** Sets the position, in bytes from the file's start: lseek(2) with SEEK_SET. */
    public void position(long offset) throws SyscallException {
        check("lseek", Native.C.lseek(number, offset, 0));
    }

    /**
     * Where the next content begins, in bytes from the file's start: lseek(2) with SEEK_DATA (3.1).
     *
     * @return -1 if from {@code offset} on there is none
     */
    public long nextContent(long offset) throws SyscallException {
        long at = Native.C.lseek(number, offset, SEEK_DATA);
        if (at < 0 && Native.errno() == Errno.ENXIO) {
            return -1;
        }
        check("lseek", at);
        return at;
    }

    /** Where the next hole begins, which is the file's end if there is none: lseek(2) with SEEK_HOLE (3.1). */
    public long nextHole(long offset) throws SyscallException {
        long at = Native.C.lseek(number, offset, SEEK_HOLE);
        check("lseek", at);
        return at;
    }

    /** Sets the length in bytes; what grows reads as zeros and takes no space: ftruncate(2). */
    public void truncate(long length) throws SyscallException {
        check("ftruncate", Native.C.ftruncate(number, length));
    }

    /** Sets owner and group: fchown(2). It clears set-user-ID and set-group-ID, so the mode is set after it. */
    public void chown(int uid, int gid) throws SyscallException {
        check("fchown", Native.C.fchown(number, uid, gid));
    }

    /** Sets the permission bits, 0 to 07777, whatever the process's umask is: fchmod(2). */
    public void chmod(int mode) throws SyscallException {
        check("fchmod", Native.C.fchmod(number, mode));
    }

    /** Makes the file's content and its attributes durable: fsync(2). */
    public void sync() throws SyscallException {
        check("fsync", Native.C.fsync(number));
    }

    /** Makes everything durable that was written to the file system this descriptor is on: syncfs(2). May take seconds. */
    public void syncFileSystem() throws SyscallException {
        check("syncfs", Native.C.syncfs(number));
    }

    /**
     * Has the disk begin with what was written to a stretch of the file, in bytes from its start, and does not wait for it, unless more is
     * on its way than the disk takes at once: sync_file_range(2) with SYNC_FILE_RANGE_WRITE. Nothing is durable by it.
     */
    public void startWriting(long from, long to) throws SyscallException {
        check("sync_file_range", Native.C.sync_file_range(number, from, to - from, SYNC_FILE_RANGE_WRITE));
    }

    @Override
    public void close() {
        if (number >= 0) {
            int closing = number;
            number = -1;
            // The descriptor is gone whatever close(2) says, and what had to reach the disk was synced before.
            var _ = Native.C.close(closing);
        }
    }

    private static int advance(String call, long count) throws SyscallException {
        if (count < 0 && Native.errno() == Errno.EINTR) {
            return 0;
        }
        check(call, count);
        return (int) count;
    }

    private static void check(String call, long result) throws SyscallException {
        if (result < 0) {
            throw new SyscallException(call, "", Native.errno());
        }
    }
}
