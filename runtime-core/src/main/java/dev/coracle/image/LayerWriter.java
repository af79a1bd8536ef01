package dev.coracle.image;

import dev.coracle.failure.Errno;
import dev.coracle.linux.Fd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import dev.coracle.linux.Timestamp;
import dev.coracle.store.TreeRemoval;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places the entries of a layer below its root directory, in the form overlay wants: a whiteout becomes a character device 0, 0,
 * an opaque directory gets the attribute {@code trusted.overlay.opaque}. Whiteouts hide only what lower layers have (OCI image
 * specification, "Whiteouts"). A later entry replaces an earlier one of the same name. Confined to the thread that unpacks.
 */
final class LayerWriter implements AutoCloseable {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final byte[] YES = {'y'};
    private static final int IMPLIED_MODE = 0755;
    private static final int BLOCK = 4096;
    /** ext4 keeps a shorter target in the inode. */
    private static final int FAST_SYMLINK = 59;

    /** What a malformed name, target or number comes to; anything else is this machine's trouble. */
    private static final Set<Integer> IMAGES_FAULT = Set.of(
            Errno.EINVAL,
            Errno.ENAMETOOLONG,
            Errno.ENOENT,
            Errno.ENOTDIR,
            Errno.EISDIR,
            Errno.ELOOP,
            Errno.EEXIST,
            Errno.EFBIG,
            Errno.E2BIG,
            Errno.ERANGE);

    private static final Logger LOG = LoggerFactory.getLogger(LayerWriter.class);

    private final Linux linux;
    private final Fd root;
    private final Directories directories;
    private final DirectoryTimes times;
    private final PathNotes notes;
    private boolean hidesAll;
    private boolean rootGiven;
    private long bytes = BLOCK;
    private long inodes = 1;

    /**
     * @param root an open directory, stays the caller's to close
     * @param times stays the caller's to close
     * @param mostNotes how many paths may be noted for when the layers below are known
     */
    LayerWriter(Linux linux, Fd root, DirectoryTimes times, long mostNotes) {
        this.linux = linux;
        this.root = root;
        this.directories = new Directories(linux, root);
        this.times = times;
        this.notes = new PathNotes(mostNotes);
    }

    /** A step that fails with EEXIST where something has its name. */
    private interface Step {
        void run() throws IOException;
    }

    /**
     * Places one entry; {@code content} gives what is in it.
     *
     * @throws LayerFault if the entry is malformed, leads out of the layer, or is one that no kernel would take
     * @throws SyscallException if this machine cannot take it
     */
    void place(TarEntry entry, TarReader content) throws IOException {
        LayerPath path = LayerPath.of(entry.name());
        notes.forgetLink(path);
        try {
            place(path, entry, content);
        } catch (SyscallException e) {
            if (IMAGES_FAULT.contains(e.errno())) {
                throw new LayerFault("the entry " + path + " cannot be made: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private void place(LayerPath path, TarEntry entry, TarReader content) throws IOException {
        if (path.isRoot()) {
            placeRoot(entry);
        } else if (path.name().startsWith(WHITEOUT)) {
            hide(path.parent(), path.name());
        } else {
            Fd parent = parent(path.parent());
            switch (entry.type()) {
                case DIRECTORY -> directory(entry, path, parent);
                case FILE -> replacing(parent, path, () -> file(entry, path, parent, content));
                case HARD_LINK -> hardLink(entry, path, parent);
                case SYMLINK, CHARACTER, BLOCK, FIFO -> replacing(parent, path, () -> node(entry, path, parent));
            }
        }
    }

    /** Sets what can be set only when all is in place, and tells what was found out. */
    LayerNotes finish() throws IOException {
        times.forEach(this::setTime);
        return new LayerNotes(bytes, inodes, hidesAll, rootGiven, notes.implied(), notes.lowerLinks());
    }

    /** A directory that a later entry has replaced is not there any more, or is not one. */
    private void setTime(LayerPath directory, Timestamp modified) throws IOException {
        try {
            linux.futimens(directories.of(directory), modified);
        } catch (LayerFault e) {
            LOG.trace("replaced since: {}", directory, e);
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOTDIR) {
                ignoreOnly(e, Errno.ENOENT);
            }
        }
    }

    @Override
    public void close() {
        directories.close();
    }

    private void placeRoot(TarEntry entry) throws IOException {
        if (entry.type() != TarEntry.Type.DIRECTORY) {
            throw new LayerFault("its root is a " + entry.type());
        }
        rootGiven = true;
        setAttributes(root, entry);
        times.note(LayerPath.ROOT, entry.modified());
    }

    private void directory(TarEntry entry, LayerPath path, Fd parent) throws IOException {
        boolean overWhiteout = makeDirectory(path, parent);
        Fd made = directories.made(path, parent);
        setAttributes(made, entry);
        if (overWhiteout) {
            setOpaque(made);
        }
        notes.given(path);
        times.note(path, entry.modified());
    }

    /** Says whether a whiteout made way, so that what is below it in lower layers must stay hidden. */
    private boolean makeDirectory(LayerPath path, Fd parent) throws IOException {
        FileStat there = null;
        try {
            linux.mkdirat(parent, path.name(), 0700);
        } catch (SyscallException e) {
            ignoreOnly(e, Errno.EEXIST);
            there = linux.lstat(parent, path.name());
            if (there.isDirectory()) {
                return false;
            }
            remove(path, parent, there);
            linux.mkdirat(parent, path.name(), 0700);
        }
        inodes++;
        bytes += BLOCK;
        return there != null && there.isWhiteout();
    }

    private void file(TarEntry entry, LayerPath path, Fd parent, TarReader content) throws IOException {
        int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_NOFOLLOW;
        try (Fd file = linux.openat(parent, path.name(), flags, 0600)) {
            FileContents.write(entry, file, content);
            setAttributes(file, entry);
            linux.futimens(file, entry.modified());
        }
        inodes++;
        bytes += (entry.size() + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void node(TarEntry entry, LayerPath path, Fd parent) throws IOException {
        String name = path.name();
        switch (entry.type()) {
            case SYMLINK -> {
                linux.symlinkat(entry.link(), parent, name);
                bytes += entry.link().length() > FAST_SYMLINK ? BLOCK : 0;
            }
            case CHARACTER -> linux.mknodat(parent, name, FileStat.CHARACTER | 0600, entry.major(), entry.minor());
            case BLOCK -> linux.mknodat(parent, name, FileStat.BLOCK | 0600, entry.major(), entry.minor());
            default -> linux.mknodat(parent, name, FileStat.FIFO | 0600, 0, 0);
        }
        inodes++;
        setAttributes(parent, name, entry, linux.lstat(parent, name));
    }

    /**
     * Links to a file of this layer; what is not in it must be in a lower one, and is linked when those are known. The file gets
     * what this entry says of it, as containerd does it: of several entries the last one counts.
     */
    private void hardLink(TarEntry entry, LayerPath path, Fd parent) throws IOException {
        LayerPath existing = LayerPath.of(entry.link());
        if (existing.isRoot() || path.equals(existing)) {
            throw new LayerFault("the hard link " + path + " leads to " + existing);
        }
        try {
            Fd from = directories.of(existing.parent());
            replacing(parent, path, () -> linux.linkat(from, existing.name(), parent, path.name()));
        } catch (SyscallException e) {
            if (e.errno() == Errno.EPERM || e.errno() == Errno.ENOTDIR) {
                throw new LayerFault("the hard link " + path + " leads to " + existing + ", which is no file", e);
            }
            ignoreOnly(e, Errno.ENOENT);
            notes.link(path, existing);
            return;
        }
        setAttributes(parent, path.name(), entry, linux.lstat(parent, path.name()));
    }

    private void hide(LayerPath directory, String name) throws IOException {
        String hidden = name.substring(WHITEOUT.length());
        if (name.equals(OPAQUE)) {
            if (directory.isRoot()) {
                hidesAll = true;
            } else {
                setOpaque(parent(directory));
            }
        } else if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new LayerFault("the whiteout " + directory.child(name) + " hides nothing that can be");
        } else if (!hidden.startsWith(WHITEOUT)) { // what aufs kept for itself starts so twice, and means nothing here
            whiteout(directory.child(hidden), parent(directory));
        }
    }

    private void whiteout(LayerPath hidden, Fd parent) throws IOException {
        try {
            linux.mknodat(parent, hidden.name(), FileStat.CHARACTER, 0, 0);
            inodes++;
        } catch (SyscallException e) {
            ignoreOnly(e, Errno.EEXIST);
            if (linux.lstat(parent, hidden.name()).isDirectory()) {
                setOpaque(directories.of(hidden));
            }
        }
    }

    /** The open directory; it and those above it are made where they are missing, and noted as implied. */
    private Fd parent(LayerPath directory) throws IOException {
        try {
            return directories.of(directory);
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOTDIR) {
                ignoreOnly(e, Errno.ENOENT);
            }
        }
        Fd above = parent(directory.parent());
        boolean overWhiteout = implyDirectory(directory, above);
        Fd made = directories.made(directory, above);
        made.chown(0, 0);
        made.chmod(IMPLIED_MODE);
        if (overWhiteout) {
            setOpaque(made);
        } else {
            notes.imply(directory);
        }
        return made;
    }

    private boolean implyDirectory(LayerPath directory, Fd above) throws IOException {
        try {
            FileStat there = linux.lstat(above, directory.name());
            if (!there.isWhiteout()) {
                throw new LayerFault(directory + " is no directory, but something lies in it");
            }
        } catch (SyscallException e) {
            ignoreOnly(e, Errno.ENOENT);
        }
        return makeDirectory(directory, above);
    }

    private void replacing(Fd parent, LayerPath path, Step step) throws IOException {
        try {
            step.run();
        } catch (SyscallException e) {
            ignoreOnly(e, Errno.EEXIST);
            remove(path, parent, linux.lstat(parent, path.name()));
            step.run();
        }
    }

    /** Takes away an earlier entry of this layer. {@code parent} stays open. */
    private void remove(LayerPath path, Fd parent, FileStat there) throws IOException {
        if (!there.isDirectory()) {
            linux.unlinkat(parent, path.name(), 0);
            inodes--;
            return;
        }
        try (Fd doomed = linux.openat(parent, path.name(), Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
            empty(Path.of("/proc/self/fd/" + doomed.number()));
        }
        linux.unlinkat(parent, path.name(), Linux.AT_REMOVEDIR);
        notes.forgetTree(path);
        directories.forget(path);
    }

    private static void empty(Path directory) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                TreeRemoval.delete(child);
            }
        }
    }

    private void setOpaque(Fd directory) throws IOException {
        linux.fsetxattr(directory, "trusted.overlay.opaque", YES);
    }

    /** In this order: a change of owner takes set-user-ID and capabilities away. */
    private void setAttributes(Fd file, TarEntry entry) throws IOException {
        file.chown(entry.uid(), entry.gid());
        file.chmod(entry.mode());
        setXattrs(entry, (key, value) -> linux.fsetxattr(file, key, value));
    }

    /**
     * The same of what cannot be opened. The owner is set only where it changes: that takes capabilities away, which the entry of a
     * hard link does not repeat.
     */
    private void setAttributes(Fd parent, String name, TarEntry entry, FileStat there) throws IOException {
        if (there.uid() != entry.uid() || there.gid() != entry.gid()) {
            linux.fchownat(parent, name, entry.uid(), entry.gid());
        }
        if (!there.isSymlink()) {
            linux.fchmodat(parent, name, entry.mode());
        }
        String byDescriptor = "/proc/self/fd/" + parent.number() + "/" + name;
        setXattrs(entry, (key, value) -> linux.lsetxattr(byDescriptor, key, value));
        linux.utimensat(parent, name, entry.modified());
    }

    /** Sets one attribute of a file. */
    private interface XattrStep {
        void set(String key, byte[] value) throws SyscallException;
    }

    /** Those that are an image's to give; what this file system cannot keep is left out, as others do. */
    private static void setXattrs(TarEntry entry, XattrStep step) throws IOException {
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            String key = xattr.getKey();
            if (LayerView.isAnImages(key)) {
                try {
                    step.set(key, xattr.getValue());
                } catch (SyscallException e) {
                    ignoreOnly(e, Errno.EOPNOTSUPP);
                }
            }
        }
    }

    private static void ignoreOnly(SyscallException failure, int errno) throws SyscallException {
        if (failure.errno() != errno) {
            throw failure;
        }
    }
}
