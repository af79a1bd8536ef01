package dev.coracle.e2e;

import dev.coracle.e2e.images.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Images as Debian's containerd unpacks them, in a node of its own: what a root file system has to be. */
final class ContainerdTrees implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Node node;
    private final Containerd daemon;
    private int mounts;

    private ContainerdTrees(Node node, Containerd daemon) {
        this.node = node;
        this.daemon = daemon;
    }

    static ContainerdTrees start(Path below) {
        // of its own: containerd would mount what an earlier one in this JVM has mounted by the same name
        String name = "coracle-oracle-" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime(), 36);
        Node node = Node.make(name, made(below.toAbsolutePath().resolve(name)));
        try {
            var _ = Registry.serve(node, TestImages.registryContent());
            Containerd daemon =
                    new Containerd(node, DaemonDirs.in(made(node.dir().resolve("d"))));
            daemon.start();
            return new ContainerdTrees(node, daemon);
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private static Path made(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of an image in the tests' registry. */
    TreeListing pulled(String name) {
        ctr("images", "pull", "--plain-http", name);
        return mounted(name);
    }

    /** Of an image in a layout's folder, where it has only a tag. */
    TreeListing imported(Path layout, String name) {
        Path archive = node.dir().resolve("layout.tar");
        var _ = Outcome.of(PATIENCE, List.of("tar", "-cf", archive.toString(), "-C", layout.toString(), "."))
                .text();
        ctr("images", "import", "--base-name", name.substring(0, name.lastIndexOf(':')), archive.toString());
        return mounted(name);
    }

    private TreeListing mounted(String name) {
        Path target = made(node.dir().resolve("mount-" + ++mounts));
        ctr("images", "mount", name, target.toString());
        try {
            return TreeListing.of(node.inside(target.toString()));
        } finally {
            node.command("umount", target.toString()).text();
        }
    }

    void ctr(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Tools.cache().resolve("deb-containerd/usr/bin/ctr").toString(),
                "--address",
                daemon.dirs().socket().toString()));
        command.addAll(List.of(arguments));
        var _ = node.command(PATIENCE, command).text();
    }

    @Override
    public void close() {
        daemon.close();
        node.close();
    }
}
