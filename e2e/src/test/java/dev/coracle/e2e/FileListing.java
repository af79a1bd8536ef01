package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * All files of an image by name: type and mode, owner, time, and what is in them. A directory has no time here: that of one which a layer
 * only implies is its own affair. Made of the image's layers where a registry keeps them,
 * or of a tree that has been unpacked; needs nothing that the test VM lacks. The root itself is not in it.
 */
record FileListing(SortedMap<String, String> files) {
    private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64})");
    private static final String WHITEOUT = ".wh.";
    private static final String NONE = "-";

    private static final int TYPE = 0170000;
    private static final int FILE = 0100000;
    private static final int DIRECTORY = 0040000;

    /** Of an image in the folder of a registry: gzip layers without whiteouts. */
    static FileListing ofSource(Path registry, String repositoryAndTag) {
        String[] name = repositoryAndTag.split(":", 2);
        Path storage = registry.resolve("docker/registry/v2");
        Path link = storage.resolve("repositories/" + name[0] + "/_manifests/tags/" + name[1] + "/current/link");
        FileListing listing = new FileListing(new TreeMap<>());
        try {
            String manifest = Files.readString(blob(storage, Files.readString(link)));
            Matcher layer = DIGEST.matcher(manifest.substring(manifest.indexOf("\"layers\"")));
            while (layer.find()) {
                listing.addLayer(blob(storage, layer.group()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return listing;
    }

    private static Path blob(Path storage, String digest) {
        String hex = digest.strip().substring("sha256:".length());
        return storage.resolve("blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }

    private void addLayer(Path blob) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(blob), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(in, "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String name = Path.of("/", entry.getName()).normalize().toString();
                if (name.contains("/" + WHITEOUT)) {
                    throw new IllegalStateException("whiteouts are not known here: " + name);
                } else if (entry.isLink()) {
                    files.put(
                            name,
                            files.get(Path.of("/", entry.getLinkName())
                                    .normalize()
                                    .toString()));
                } else if (!name.equals("/")) {
                    files.put(name, line(entry, tar));
                }
            }
        }
    }

    private static String line(TarArchiveEntry entry, TarArchiveInputStream content) throws IOException {
        int type = FILE;
        String what = NONE;
        if (entry.isDirectory()) {
            type = DIRECTORY;
        } else if (entry.isSymbolicLink()) {
            type = 0120000;
            what = entry.getLinkName();
        } else if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            type = entry.isBlockDevice() ? 0060000 : 0020000;
        } else if (entry.isFIFO()) {
            type = 0010000;
        } else {
            what = digest(content);
        }
        int mode = type | (type == 0120000 ? 0777 : entry.getMode() & 07777);
        return line(mode, entry.getLongUserId() + ":" + entry.getLongGroupId(), entry.getLastModifiedTime(), what);
    }

    private static String line(int mode, String owner, FileTime time, String what) {
        boolean directory = (mode & TYPE) == DIRECTORY;
        return "%o %s %s %s".formatted(mode, owner, directory ? NONE : time.toInstant(), what);
    }

    private static String digest(InputStream content) throws IOException {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(content, hash).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Of the files below a directory. */
    static FileListing ofTree(Path root) {
        Map<String, String> digests = digests(root);
        SortedMap<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(f -> !f.equals(root)).toList()) {
                String name = "/" + root.relativize(file);
                String what = Files.isSymbolicLink(file)
                        ? Files.readSymbolicLink(file).toString()
                        : digests.getOrDefault(name, NONE);
                files.put(
                        name, line((int) of(file, "mode"), of(file, "uid") + ":" + of(file, "gid"), time(file), what));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FileListing(files);
    }

    private static Object of(Path file, String attribute) throws IOException {
        return Files.getAttribute(file, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }

    private static FileTime time(Path file) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** By a program: emulated, a young JVM takes several times as long for it. */
    private static Map<String, String> digests(Path root) {
        String script = "cd \"$0\" && find . -type f -exec sha256sum {} +";
        return Outcome.of(Duration.ofMinutes(5), List.of("sh", "-c", script, root.toString()))
                .text()
                .lines()
                .map(l -> l.startsWith("\\") ? l.substring(1).replace("\\\\", "\\") : l)
                .collect(Collectors.toMap(l -> l.substring(l.indexOf("  ./") + 3), l -> l.substring(0, 64)));
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        files.forEach(
                (name, line) -> text.append(name).append('\t').append(line).append('\n'));
        Files.writeString(file, text);
    }

    static FileListing read(Path file) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            files.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1));
        }
        return new FileListing(files);
    }

    /** What is here otherwise than there, a line for each file. */
    List<String> differencesFrom(FileListing expected) {
        List<String> differences = new ArrayList<>();
        SortedMap<String, String> all = new TreeMap<>(expected.files);
        all.putAll(files);
        for (String name : all.keySet()) {
            String want = expected.files.getOrDefault(name, "nothing");
            String have = files.getOrDefault(name, "nothing");
            if (!want.equals(have)) {
                differences.add(name + ": " + have + ", expected " + want);
            }
        }
        return differences;
    }
}
