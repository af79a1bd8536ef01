package dev.coracle.planner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An image of busybox in two layers, and as many more as anybody wants, with a pod's files beside it.
 *
 * @param directory gets {@code layers/n0}, the topmost, to {@code n119}, and {@code pod}
 */
record BusyboxImage(Path directory) {
    static final int LAYERS = 120;

    private static final String APPLETS = """
        sh cat id ls echo grep sleep mount umount mkdir stat pwd tty env hostname ip kill ps dd mknod sysctl true touch
        readlink unshare wc tail head
        """;

    void make() throws IOException {
        Path programs = Files.createDirectories(layer(1).resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), programs.resolve("busybox"));
        for (String applet : APPLETS.strip().split("\\s+", -1)) {
            Files.createSymbolicLink(programs.resolve(applet), Path.of("busybox"));
        }
        files(layer(1), layer(0));
        for (int i = 2; i < LAYERS; i++) {
            Files.createDirectories(layer(i).resolve("l" + i));
        }
        Path pod = Files.createDirectories(directory.resolve("pod"));
        Files.writeString(pod.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        Files.writeString(pod.resolve("hosts"), "127.0.0.1 localhost\n");
        Files.writeString(pod.resolve("hostname"), "web-0\n");
    }

    private Path layer(int index) {
        return directory.resolve("layers/n" + index);
    }

    private static void files(Path lower, Path upper) throws IOException {
        for (String path : new String[] {"etc", "tmp", "run", "home/web", "opt", "var"}) {
            Files.createDirectories(lower.resolve(path));
        }
        Files.writeString(
                lower.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nweb:x:1000:1001::/home/web:/bin/sh\n");
        Files.writeString(lower.resolve("etc/group"), "root:x:0:\nweb:x:1001:\ndata:x:2000:web\n");
        // image authors do both; neither may fail, or lead out of the root
        Files.createSymbolicLink(lower.resolve("var/run"), Path.of("/run"));
        Files.createDirectories(upper.resolve("etc"));
        Files.createSymbolicLink(upper.resolve("etc/resolv.conf"), Path.of("../run/stub/resolv.conf"));
    }
}
