package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The file of a UNIX socket: bound under another name beside it, made mode 0660, and renamed into place, so that whoever
 * finds it can connect. A file left by a daemon that is gone is replaced; one that somebody listens on is not.
 */
final class ServerSocket {
    /** {@code sun_path} holds 108 bytes with its terminating NUL. */
    private static final int PATH_LIMIT = 107;

    private static final String BINDING_SUFFIX = ".new";

    private final Path path;
    private @Nullable Object fileKey;

    private ServerSocket(Path path) {
        this.path = path;
    }

    /**
     * Makes sure that {@code path} is free or left over.
     *
     * @throws RuntimeFailure.WrongState if somebody listens on it
     * @throws RuntimeFailure.InvalidSpec if it is too long or something else than a socket
     */
    static ServerSocket claim(Path path) throws IOException {
        ServerSocket socket = new ServerSocket(path.toAbsolutePath());
        int length = socket.bindPath().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > PATH_LIMIT) {
            throw new RuntimeFailure.InvalidSpec(
                    "socket",
                    path + " is " + length + " bytes long with " + BINDING_SUFFIX + ", a socket's path holds "
                            + PATH_LIMIT);
        }
        Path parent = socket.path.getParent();
        if (parent != null) {
            makeDirectory(parent);
        }
        socket.requireUnused();
        Files.deleteIfExists(socket.bindPath());
        return socket;
    }

    /** Where to bind before {@link #publish}. */
    Path bindPath() {
        return path.resolveSibling(path.getFileName() + BINDING_SUFFIX);
    }

    /** Opens the door: what is bound at {@link #bindPath} appears at the path. */
    void publish() throws IOException {
        Files.setPosixFilePermissions(bindPath(), PosixFilePermissions.fromString("rw-rw----"));
        Files.move(bindPath(), path, StandardCopyOption.ATOMIC_MOVE);
        fileKey = fileKey();
    }

    /** Removes the socket, unless another daemon has put its own there. */
    void withdraw() throws IOException {
        if (fileKey != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && fileKey.equals(fileKey())) {
            Files.deleteIfExists(path);
        }
    }

    private Object fileKey() throws IOException {
        return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static void makeDirectory(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (FileAlreadyExistsException e) {
            throw new RuntimeFailure.InvalidSpec("socket", directory + " is not a directory");
        }
    }

    private void requireUnused() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new RuntimeFailure.InvalidSpec("socket", path + " exists and is not a socket");
        }
        if (listening()) {
            throw new RuntimeFailure.WrongState(
                    "listen on " + path, "somebody listens there already; is another coracle running?");
        }
    }

    private boolean listening() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException refused) {
            return false;
        }
    }
}
