package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Knows whether anything has changed in some directories, whether they are there or not: inotify(7), which is asked and not waited for. The
 * kernel notes a change before the call that makes it returns, so who asks after a change hears of it, without a thread and without
 * looking at a directory. Not seen is what is mounted over a directory, or over one above it. Confined to one thread at a time.
 */
public final class PathWatch implements AutoCloseable {
    private static final int MODIFY = 0x2;
    private static final int ATTRIB = 0x4;
    private static final int CLOSE_WRITE = 0x8;
    private static final int MOVED_FROM = 0x40;
    private static final int MOVED_TO = 0x80;
    private static final int CREATE = 0x100;
    private static final int DELETE = 0x200;
    private static final int DELETE_SELF = 0x400;
    private static final int MOVE_SELF = 0x800;
    private static final int ONLYDIR = 0x0100_0000;
    /** What the same directory is watched for already stays. */
    private static final int MASK_ADD = 0x2000_0000;

    private static final int NAMES = MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF;
    private static final int ALL = NAMES | MODIFY | ATTRIB | CLOSE_WRITE;

    private static final int NAME_AT = 16;
    private static final int BUFFER = 16_384;

    /** In place of a name: whatever happens there. */
    private static final String ANY = "";

    private final Fd inotify;
    private final ByteBuffer events = Native.block(BUFFER);
    private final Map<Integer, Set<String>> names = new HashMap<>();
    private boolean changed;

    private PathWatch(Fd inotify) {
        this.inotify = inotify;
    }

    /**
     * Watches from now on.
     *
     * @param directories absolute paths
     * @throws SyscallException EMFILE or ENOSPC where this user has no watches left
     */
    public static PathWatch of(Collection<Path> directories) throws SyscallException {
        int fd = Native.C.inotify_init1(Linux.O_NONBLOCK | Linux.O_CLOEXEC);
        if (fd < 0) {
            throw new SyscallException("inotify_init1", "", Native.errno());
        }
        PathWatch watch = new PathWatch(new Fd(fd));
        try {
            for (Path directory : directories) {
                watch.add(directory);
            }
        } catch (SyscallException e) {
            watch.close();
            throw e;
        }
        return watch;
    }

    /** Above the directory only the name counts that leads to it: much else happens in /run. */
    private void add(Path directory) throws SyscallException {
        Path above = directory.getRoot();
        for (Path name : directory) {
            if (!add(above, NAMES, name.toString())) {
                return;
            }
            above = above.resolve(name);
        }
        add(directory, ALL, ANY);
    }

    /** False where there is no such directory. Two paths may lead to one, whose watch then is for both. */
    private boolean add(Path directory, int mask, String name) throws SyscallException {
        int wd = Native.C.inotify_add_watch(
                inotify.number(),
                Native.cString(directory.toString(), StandardCharsets.UTF_8),
                mask | MASK_ADD | ONLYDIR);
        if (wd >= 0) {
            names.computeIfAbsent(wd, it -> new HashSet<>()).add(name);
            return true;
        }
        int errno = Native.errno();
        if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
            return false;
        }
        throw new SyscallException("inotify_add_watch", directory.toString(), errno);
    }

    /** Whether anything has happened since it was made. Once it has, it always has: another watch then sees what is there now. */
    public boolean changed() throws SyscallException {
        while (!changed && next()) {
            for (events.flip(); events.remaining() >= NAME_AT && !changed; ) {
                changed = concerns();
            }
        }
        return changed;
    }

    private boolean next() throws SyscallException {
        events.clear();
        try {
            return inotify.read(events) > 0;
        } catch (SyscallException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    /** Takes one struct inotify_event. An overflow of the queue has no watch, and may have been anything. */
    private boolean concerns() {
        int wd = events.getInt();
        events.getLong();
        byte[] name = new byte[events.getInt()];
        events.get(name);
        Set<String> wanted = names.get(wd);
        String text = new String(name, StandardCharsets.UTF_8).replace("\0", "");
        return wanted == null || text.isEmpty() || wanted.contains(ANY) || wanted.contains(text);
    }

    @Override
    public void close() {
        inotify.close();
    }
}
