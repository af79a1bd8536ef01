package dev.coracle.pod;

import dev.coracle.failure.Errno;
import dev.coracle.linux.Fd;
import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import dev.coracle.spec.SelinuxLabel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gives files an SELinux label. Containers may be at work in them meanwhile: each directory is reached by a descriptor from the one above
 * it and no symbolic link is followed, so that nobody can lead the walk elsewhere. Confined to one platform thread.
 */
final class Relabelling {
    private static final String ATTRIBUTE = "security.selinux";

    /** A descriptor is open for each. */
    private static final int MOST_LEVELS = 1000;

    /** Names are any bytes: each is a char here. */
    private final Linux linux = new Linux(StandardCharsets.ISO_8859_1);

    private final byte[] label;

    private Relabelling(SelinuxLabel label) {
        this.label = label.text().getBytes(StandardCharsets.UTF_8);
    }

    /** One file; where the file system keeps no labels nothing happens. */
    static void one(Path file, SelinuxLabel label) throws IOException {
        new Relabelling(label).set(bytes(file));
    }

    /** All of a tree, itself last: a walk that was cut short is seen by its label. */
    static void tree(Path tree, SelinuxLabel label) throws IOException {
        Relabelling all = new Relabelling(label);
        String path = bytes(tree);
        try (Fd top = all.linux.openat(null, path, Linux.O_PATH | Linux.O_NOFOLLOW, 0)) {
            if (all.linux.fstat(top).isDirectory()) {
                all.below(top, 1);
            }
        }
        all.set(path);
    }

    /**
     * Directories only, so many levels below the first; what is made in them later has their label.
     *
     * @param top nobody else is at work in it
     */
    static void directories(Path top, int levels, SelinuxLabel label) throws IOException {
        Relabelling all = new Relabelling(label);
        List<Path> found;
        try (Stream<Path> walk = Files.walk(top, levels)) {
            found = walk.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
        for (Path directory : found) {
            all.set(bytes(directory));
        }
    }

    private void below(Fd directory, int level) throws IOException {
        if (level > MOST_LEVELS) {
            throw new IOException("it has more than " + MOST_LEVELS + " levels of directories");
        }
        for (String name : names(directory)) {
            try {
                FileStat stat = linux.lstat(directory, name);
                if (stat.isDirectory()) {
                    int flags = Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
                    try (Fd next = linux.openat(directory, name, flags, 0)) {
                        below(next, level + 1);
                    }
                }
                set(descriptor(directory) + "/" + name);
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                    throw e;
                }
                // it was removed or exchanged meanwhile, by who has the label already
            }
        }
    }

    /** Written only where it is another one: a second walk costs a look at each file. */
    private void set(String path) throws SyscallException {
        Optional<byte[]> now = linux.lgetxattr(path, ATTRIBUTE);
        if (now.isPresent() && isLabel(now.get())) {
            return;
        }
        try {
            linux.lsetxattr(path, ATTRIBUTE, label);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
    }

    /** The kernel's has a zero at the end. */
    private boolean isLabel(byte[] attribute) {
        int length = attribute.length;
        while (length > 0 && attribute[length - 1] == 0) {
            length--;
        }
        return new String(attribute, 0, length, StandardCharsets.UTF_8)
                .equals(new String(label, StandardCharsets.UTF_8));
    }

    private static String descriptor(Fd directory) {
        return "/proc/self/fd/" + directory.number();
    }

    private static List<String> names(Fd directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(descriptor(directory)))) {
            for (Path entry : entries) {
                String path = bytes(entry);
                names.add(path.substring(path.lastIndexOf('/') + 1));
            }
        }
        return names;
    }

    /** Of a path every byte as a char, which only its URI has: as a text it has lost those that are not UTF-8. */
    private static String bytes(Path path) {
        String uri = path.toUri().getRawPath();
        String escaped = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
        StringBuilder text = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                text.append((char) Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            } else {
                text.append(escaped.charAt(i));
            }
        }
        return text.toString();
    }
}
