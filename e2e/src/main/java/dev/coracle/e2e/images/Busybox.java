package dev.coracle.e2e.images;

import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.Tools;
import dev.coracle.e2e.images.Layer.Attributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The busybox image, on which nearly all others stand: the tools of a small system, some users, and the test programs in /t. */
final class Busybox {
    static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final String PASSWD = """
        root:x:0:0:root:/root:/bin/sh
        daemon:x:1:1:daemon:/usr/sbin:/bin/false
        www-data:x:33:33:www-data:/var/www:/bin/false
        app:x:1000:1000:Application:/home/app:/bin/sh
        lonely:x:1001:1001::/:/bin/sh
        nobody:x:65534:65534:nobody:/nonexistent:/bin/false
        """;
    private static final String GROUP = """
        root:x:0:
        daemon:x:1:
        tty:x:5:
        www-data:x:33:
        app:x:1000:
        lonely:x:1001:
        extra:x:2000:app
        more:x:2001:daemon,app
        nogroup:x:65534:
        """;
    private static final List<String> DIRS = List.of(
            "bin",
            "dev",
            "etc",
            "home",
            "mnt",
            "proc",
            "sbin",
            "sys",
            "t",
            "usr",
            "usr/bin",
            "usr/sbin",
            "var",
            "var/www");

    private Busybox() {}

    static OciImage image() {
        return OciImage.of(List.of(system(), programs()), "Env", List.of(PATH), "Cmd", List.of("sh"));
    }

    private static Layer system() {
        Layer layer = new Layer();
        DIRS.forEach(layer::dir);
        layer.dir("root", Attributes.mode(0700));
        layer.dir("tmp", Attributes.mode(01777));
        layer.dir("run");
        layer.symlink("var/run", "../run");
        layer.dir("home/app", Attributes.mode(0755).owner(1000, 1000));
        layer.file("etc/passwd", PASSWD);
        layer.file("etc/group", GROUP);
        layer.file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        layer.program("bin/busybox", Tools.busybox());
        Outcome.of(Tools.busybox().toString(), "--list")
                .text()
                .lines()
                .filter(applet -> !applet.equals("busybox"))
                .forEach(applet -> layer.hardlink("bin/" + applet, "bin/busybox"));
        return layer;
    }

    private static Layer programs() {
        Layer layer = new Layer();
        try (Stream<Path> list = Files.list(Tools.programs())) {
            list.filter(Files::isRegularFile).sorted().forEach(p -> layer.program("t/" + p.getFileName(), p));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return layer;
    }

    static OciImage pause() {
        return OciImage.of(
                List.of(new Layer().program("pause", Tools.programs().resolve("pause"))),
                "Entrypoint",
                List.of("/pause"));
    }
}
