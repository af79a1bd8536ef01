package dev.coracle.e2e.images;

import dev.coracle.e2e.Outcome;
import dev.coracle.e2e.Tools;
import dev.coracle.e2e.images.Layer.Attributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The images that critest asks for, under the repositories and tags that they have in public. Those of registry.k8s.io are lists in
 * Docker's format there, and so they are here. Its two nginx images are made by nginx-image.sh.
 */
final class CritestImages {
    private static final String OURS = "k8s-staging-cri-tools/test-image-";
    private static final String PUBLIC = "e2e-test-images/";
    private static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

    /** What OCI calls a thing, and what Docker does: otherwise the formats are the same for what we use of them. */
    private static final Map<String, String> DOCKER_NAMES = Map.of(
            OciImage.MANIFEST,
            DOCKER_MANIFEST,
            OciImage.INDEX,
            DOCKER_LIST,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.docker.container.image.v1+json",
            Compression.GZIP.mediaType(),
            "application/vnd.docker.image.rootfs.diff.tar.gzip");

    private final RegistryClient client;
    private final OciImage base = Busybox.image().plus(whatBusyboxLacks());

    private CritestImages(RegistryClient client) {
        this.client = client;
    }

    static void push(RegistryClient client) {
        CritestImages images = new CritestImages(client);
        images.published();
        images.references();
        images.users();
    }

    /** Applets that critest uses and Debian leaves out of its busybox, and a shell that cannot run what has been masked. */
    private static Layer whatBusyboxLacks() {
        Layer layer = new Layer();
        layer.file("bin/pgrep", script("exec pidof \"$1\""), Attributes.mode(0755));
        layer.file("bin/ipcs", script("exec cat /proc/sysvipc/shm"), Attributes.mode(0755));
        layer.program("bin/sh", Tools.dynamicBusybox());
        Outcome.of("ldd", Tools.dynamicBusybox().toString())
                .text()
                .lines()
                .flatMap(line -> Stream.of(line.strip().split(" ", -1)))
                .filter(word -> word.startsWith("/"))
                .forEach(library -> layer.program(library.substring(1), Path.of(library)));
        return layer;
    }

    private static byte[] script(String line) {
        return ("#!/bin/sh\n" + line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void published() {
        docker(PUBLIC + "busybox", "1.29-2", base);
        docker(PUBLIC + "httpd", "2.4.39-4", httpd());
        docker(PUBLIC + "nonewprivs", "1.3", nonewprivs());
        docker("pause", "3.9", Busybox.pause());
    }

    /** Its log has to speak of httpd. */
    private OciImage httpd() {
        String script = "echo httpd -D FOREGROUND; exec httpd -f -vv -p 80 -h /www";
        return base.plus(new Layer().dir("www").file("www/index.html", "<h1>It works!</h1>\n"))
                .with("Cmd", List.of("sh", "-c", script));
    }

    private OciImage nonewprivs() {
        try {
            byte[] program = Files.readAllBytes(Tools.programs().resolve("euid"));
            return base.plus(new Layer().file("t/suid", program, Attributes.mode(04755)))
                    .with("Entrypoint", List.of("/t/suid"), "Cmd", List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names by tag, by digest, by neither; tags of different images and several of the same. */
    private void references() {
        for (String name : List.of("1", "2", "3", "latest")) {
            oci(name, "latest", named(name));
        }
        oci("digest", "test", named("digest"));
        oci("tag", "test", named("tag"));
        oci("tag", "all", named("tag-all"));
        for (String tag : List.of("1", "2", "3")) {
            oci("tags", tag, named("tags"));
        }
    }

    private OciImage named(String name) {
        return base.plus(new Layer().file("test-image-" + name, name + "\n"));
    }

    private void users() {
        oci("user-uid", "latest", base.with("User", "1002"));
        oci("user-username", "latest", base.with("User", "www-data"));
        oci("user-uid-group", "latest", base.with("User", "1003:1003"));
        oci("user-username-group", "latest", base.with("User", "www-data:www-data"));
        Layer groups = new Layer()
                .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndefault-user:x:1000:1000::/:/bin/sh\n")
                .file("etc/group", "root:x:0:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n");
        oci("predefined-group", "latest", base.plus(groups).with("User", "1000"));
    }

    private void oci(String name, String tag, OciImage image) {
        var _ = client.push(OURS + name, tag, image);
    }

    private void docker(String repository, String tag, OciImage image) {
        OciImage.Packed packed = image.pack();
        packed.blobs().forEach(b -> client.pushBlob(repository, b));
        Blob manifest = inDockersWords(packed.manifest());
        client.putManifest(repository, manifest.digest(), DOCKER_MANIFEST, manifest);
        Blob list = OciImage.index(Map.of("linux/amd64", new OciImage.Packed(packed.blobs(), manifest)));
        client.putManifest(repository, tag, DOCKER_LIST, inDockersWords(list));
    }

    private static Blob inDockersWords(Blob oci) {
        String text = new String(oci.bytes(), StandardCharsets.UTF_8);
        for (Map.Entry<String, String> name : DOCKER_NAMES.entrySet()) {
            text = text.replace(name.getKey(), name.getValue());
        }
        return new Blob(text.getBytes(StandardCharsets.UTF_8));
    }
}
