package dev.coracle.image;

import dev.coracle.failure.Errno;
import dev.coracle.linux.Fd;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The open directories of a layer that is being unpacked: those used last stay open, as the next entry most often lies in one
 * of them. Every one is opened beneath the layer's root, so that no symbolic link leads out of it. Confined to one thread.
 */
final class Directories implements AutoCloseable {
    private static final int KEPT_OPEN = 32;
    private static final int FLAGS = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
    private static final int RESOLVE = Linux.RESOLVE_BENEATH | Linux.RESOLVE_NO_MAGICLINKS | Linux.RESOLVE_NO_XDEV;

    private final Linux linux;
    private final Fd root;
    private final Map<LayerPath, Fd> open = new LinkedHashMap<>(KEPT_OPEN * 2, 0.75f, true);

    /** @param root stays the caller's to close */
    Directories(Linux linux, Fd root) {
        this.linux = linux;
        this.root = root;
    }

    /**
     * An open directory of the layer. The two asked for last stay open, unless they are forgotten.
     *
     * @throws SyscallException ENOENT if it is not there, ENOTDIR if it or something on the way is no directory
     * @throws LayerFault if something on the way leads out of the layer
     */
    Fd of(LayerPath path) throws SyscallException, LayerFault {
        if (path.isRoot()) {
            return root;
        }
        Fd kept = open.get(path);
        return kept != null ? kept : keep(path, resolve(path));
    }

    /** Opens a directory that was just made in {@code parent}, and keeps it. */
    Fd made(LayerPath path, Fd parent) throws SyscallException {
        return keep(path, linux.openat(parent, path.name(), FLAGS, 0));
    }

    /** {@code removed} was taken away, with all below it. */
    void forget(LayerPath removed) {
        open.entrySet().removeIf(directory -> {
            boolean gone = directory.getKey().isIn(removed);
            if (gone) {
                directory.getValue().close();
            }
            return gone;
        });
    }

    @Override
    public void close() {
        forget(LayerPath.ROOT);
    }

    private Fd resolve(LayerPath path) throws SyscallException, LayerFault {
        try {
            return linux.openat2(root, path.text(), FLAGS & ~Linux.O_NOFOLLOW, RESOLVE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.EXDEV || e.errno() == Errno.ELOOP) {
                throw new LayerFault("the way to " + path + " leads out of the layer", e);
            }
            throw e;
        }
    }

    private Fd keep(LayerPath path, Fd fd) {
        if (open.size() >= KEPT_OPEN) {
            var oldest = open.entrySet().iterator();
            oldest.next().getValue().close();
            oldest.remove();
        }
        Fd before = open.put(path, fd);
        if (before != null) {
            before.close();
        }
        return fd;
    }
}
