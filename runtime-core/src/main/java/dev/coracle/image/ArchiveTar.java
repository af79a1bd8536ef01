package dev.coracle.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tar archive whose members are read where they are: only its headers are read when it is opened. Immutable once it is open.
 */
final class ArchiveTar implements ArchiveFiles {
    private static final int MAX_EXTENSION = 1 << 20;
    private static final int LINKS = 10;

    private final Path file;
    private final Map<String, ArchiveContent> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private ArchiveTar(Path file) {
        this.file = file;
    }

    /** @throws LayerFault if it is no tar archive */
    static ArchiveTar open(Path file) throws IOException {
        ArchiveTar tar = new ArchiveTar(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            tar.index(channel);
        }
        return tar;
    }

    @Override
    public Optional<ArchiveContent> find(String name) {
        String at = name;
        for (int i = 0; i < LINKS && links.containsKey(at); i++) {
            at = links.getOrDefault(at, at);
        }
        return Optional.ofNullable(files.get(at));
    }

    private void index(FileChannel channel) throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        String longName = "";
        String longLink = "";
        long at = 0;
        byte[] block = new byte[TarHeader.BYTES];
        while (at < channel.size()) {
            read(channel, at, block);
            TarHeader header = new TarHeader(block);
            if (header.isEnd()) {
                return;
            }
            header.verify();
            at += TarHeader.BYTES;
            long stored = header.size();
            switch (header.type()) {
                case 'x' -> pax = PaxRecords.parse(extension(channel, at, stored));
                case 'L' -> longName = text(extension(channel, at, stored));
                case 'K' -> longLink = text(extension(channel, at, stored));
                case 'g' -> {} // nothing that is looked for here
                default -> {
                    stored = isRegular(header.type()) ? pax.number("size", stored) : 0;
                    String name = clean(pax.text("path").orElse(longName.isEmpty() ? header.name() : longName));
                    if (isRegular(header.type())) {
                        files.put(name, ArchiveContent.of(file, at, stored));
                    } else {
                        link(header, name, pax.text("linkpath").orElse(longLink.isEmpty() ? header.link() : longLink));
                    }
                    pax = PaxRecords.NONE;
                    longName = "";
                    longLink = "";
                }
            }
            check(stored, channel.size() - at);
            at += (stored + TarHeader.BYTES - 1) / TarHeader.BYTES * TarHeader.BYTES;
        }
    }

    private void link(TarHeader header, String name, String target) throws LayerFault {
        if (header.type() == '2') {
            Path path = Path.of("/" + name).resolveSibling(whole(target)).normalize();
            links.put(name, clean(path.toString()));
        } else if (header.type() == '1') {
            links.put(name, clean(target));
        }
    }

    private static boolean isRegular(char type) {
        return type == '0' || type == '\0' || type == '7';
    }

    private static String clean(String name) throws LayerFault {
        return whole(name).replaceFirst("^(\\./|/)+", "");
    }

    private static String whole(String name) throws LayerFault {
        if (name.indexOf('\0') >= 0) {
            throw new LayerFault("a name has a zero byte in it");
        }
        return name;
    }

    private static byte[] extension(FileChannel channel, long at, long size) throws IOException {
        check(size, MAX_EXTENSION);
        byte[] content = new byte[(int) size];
        read(channel, at, content);
        return content;
    }

    private static void check(long size, long most) throws LayerFault {
        if (size < 0 || size > most) {
            throw new LayerFault("the archive ends in the middle of a file");
        }
    }

    private static String text(byte[] content) {
        return new String(content, StandardCharsets.ISO_8859_1).replace("\0", "");
    }

    private static void read(FileChannel channel, long at, byte[] target) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(target);
        while (left.hasRemaining()) {
            if (channel.read(left, at + left.position()) < 0) {
                throw new LayerFault("the archive ends in the middle of a header");
            }
        }
    }

    @Override
    public void close() {
        // nothing stays open
    }
}
