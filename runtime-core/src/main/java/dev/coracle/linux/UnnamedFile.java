package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file without a name, which is gone when it is closed, and when this process ends, however that comes about. Only its owner may read it.
 * Confined to one platform thread but for {@link #path}.
 */
public final class UnnamedFile implements AutoCloseable {
    private static final int OWNERS = 0600;

    private final Linux linux = new Linux();
    private final Fd file;

    private UnnamedFile(Fd file) {
        this.file = file;
    }

    /** One that may get a name in this folder: O_TMPFILE (3.11). None where its file system knows no such files, or nothing may be made there. */
    public static Optional<UnnamedFile> in(Path folder) {
        try {
            int flags = Linux.O_RDWR | Linux.O_TMPFILE;
            return Optional.of(new UnnamedFile(new Linux().openat(null, folder.toString(), flags, OWNERS)));
        } catch (SyscallException e) {
            return Optional.empty();
        }
    }

    /** One on any file system, not to be named: where there is no other way it has a name for a moment. */
    public static UnnamedFile scratch(Path folder) throws IOException {
        Optional<UnnamedFile> unnamed = in(folder);
        if (unnamed.isPresent()) {
            return unnamed.get();
        }
        Path named = Files.createTempFile(folder, "coracle-", "");
        try {
            return new UnnamedFile(new Linux().openat(null, named.toString(), Linux.O_RDWR, OWNERS));
        } finally {
            Files.delete(named);
        }
    }

    /** By which this process opens it, as long as it is not closed. */
    public Path path() {
        return Path.of("/proc/self/fd", String.valueOf(file.number()));
    }

    /**
     * Gives it a name, in the folder that it was made for. What has the name is replaced; only for that moment the file has another one, which a
     * process that is killed then leaves.
     */
    public void name(Path name) throws SyscallException {
        try {
            linux.linkat(file, name.toString());
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            replace(
                    name.toString(),
                    name.resolveSibling("." + System.nanoTime() + ".part").toString());
        }
    }

    private void replace(String name, String between) throws SyscallException {
        linux.linkat(file, between);
        try {
            linux.renameat2(null, between, name, 0);
        } catch (SyscallException e) {
            linux.unlinkat(null, between, 0);
            throw e;
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
