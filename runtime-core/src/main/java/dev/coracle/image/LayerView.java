package dev.coracle.image;

import dev.coracle.failure.Errno;
import dev.coracle.linux.Fd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one layer says of a path, as overlay reads layers. Confined to one platform thread: it makes blocking system calls. */
final class LayerView implements AutoCloseable {
    private static final String OVERLAY = "trusted.overlay.";
    private static final Set<String> OF_THE_MACHINE = Set.of("security.ima", "security.evm");

    /** On nodes with SELinux every file has it: what the node's policy calls it. */
    private static final String LABEL = "security.selinux";

    /** What is at a path. */
    enum Kind {
        /** Nothing. */
        NOTHING,
        /** A directory that the layer has no entry for. */
        IMPLIED,
        /** A directory. */
        DIRECTORY,
        /** Anything else that can be seen. */
        FILE
    }

    /**
     * An answer.
     *
     * @param last what lower layers have at this path is not seen
     */
    record Said(Kind kind, boolean last) {}

    private final Linux linux = new Linux(StandardCharsets.ISO_8859_1);
    private final Fd root;
    private final LayerNotes notes;

    LayerView(Path files, LayerNotes notes) throws IOException {
        this.root = new Linux().openat(null, files.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
        this.notes = notes;
    }

    /** Whether what was opened is what has this path now. */
    boolean isAt(Path files) throws IOException {
        try {
            FileStat now = new Linux().lstat(null, files.toString());
            return now.inode() == linux.fstat(root).inode();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    LayerNotes notes() {
        return notes;
    }

    /** Looks at every directory on the way: any of them may hide what lower layers have. */
    Said look(LayerPath path) throws IOException {
        boolean opaque = notes.hidesAll();
        for (int end = path.text().indexOf('/'); end >= 0; end = path.text().indexOf('/', end + 1)) {
            LayerPath above = new LayerPath(path.text().substring(0, end));
            Said said = lookAt(above);
            if (said.kind() == Kind.NOTHING || said.kind() == Kind.FILE) {
                return new Said(Kind.NOTHING, opaque || said.last());
            }
            opaque |= said.last();
        }
        Said said = lookAt(path);
        return new Said(said.kind(), opaque || said.last());
    }

    private Said lookAt(LayerPath path) throws IOException {
        try {
            FileStat stat = stat(path);
            if (stat.isWhiteout()) {
                return new Said(Kind.NOTHING, true);
            }
            if (!stat.isDirectory()) {
                return new Said(Kind.FILE, true);
            }
            return new Said(notes.implied().contains(path) ? Kind.IMPLIED : Kind.DIRECTORY, isOpaque(path));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return new Said(Kind.NOTHING, false);
            }
            throw e;
        }
    }

    /** The first of these layers, uppermost first, that has a file at this path which the ones before it do not hide. */
    static Optional<LayerView> fileIn(List<LayerView> layers, LayerPath path) throws IOException {
        for (LayerView layer : layers) {
            Said said = layer.look(path);
            if (said.kind() == Kind.FILE) {
                return Optional.of(layer);
            }
            if (said.kind() != Kind.NOTHING || said.last()) {
                break;
            }
        }
        return Optional.empty();
    }

    /** Whether a directory hides what lower layers have in it. */
    boolean isOpaque(LayerPath directory) throws IOException {
        return linux.lgetxattr(byDescriptor(directory), OVERLAY + "opaque").isPresent();
    }

    /** Opens it to be read, with these flags more. */
    Fd open(LayerPath path, int flags) throws IOException {
        return linux.openat(root, path.isRoot() ? "." : path.text(), Linux.O_RDONLY | Linux.O_NOFOLLOW | flags, 0);
    }

    /** Of a path whose way is known to hold no symbolic link; the root too. */
    FileStat stat(LayerPath path) throws IOException {
        return path.isRoot() ? linux.fstat(root) : linux.lstat(root, path.text());
    }

    /** Of a regular file. */
    byte[] content(LayerPath path) throws IOException {
        return Files.readAllBytes(Path.of(byDescriptor(path)));
    }

    /** Of a symbolic link. */
    String linkTarget(LayerPath path) throws IOException {
        return linux.readlinkat(root, path.text());
    }

    /** Those that an image can bring: not what this machine's integrity measurement keeps. */
    Map<String, byte[]> imageXattrs(LayerPath path) throws IOException {
        Map<String, byte[]> values = xattrs(path);
        values.keySet().removeAll(OF_THE_MACHINE);
        return values;
    }

    /** Whether an extended attribute is an image's to give a file: not what overlay keeps for itself, and no label of the node's policy. */
    static boolean isAnImages(String key) {
        return !key.startsWith(OVERLAY) && !key.startsWith("user.overlay.") && !key.equals(LABEL);
    }

    /** Those that the image has given it. */
    Map<String, byte[]> xattrs(LayerPath path) throws IOException {
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (String key : linux.llistxattr(byDescriptor(path))) {
            if (isAnImages(key)) {
                values.put(key, linux.lgetxattr(byDescriptor(path), key).orElse(new byte[0]));
            }
        }
        return values;
    }

    /** Makes {@code path} in another directory a further name of a file of this layer. */
    void linkInto(LayerPath file, Fd directory, LayerPath path) throws IOException {
        linux.linkat(root, file.text(), directory, path.text());
    }

    @Override
    public void close() {
        root.close();
    }

    private String byDescriptor(LayerPath path) {
        return "/proc/self/fd/" + root.number() + "/" + path.text();
    }
}
