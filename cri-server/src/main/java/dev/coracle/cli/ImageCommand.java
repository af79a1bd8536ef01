package dev.coracle.cli;

import com.google.common.io.ByteStreams;
import dev.coracle.cri.NodeImages;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.Credentials;
import dev.coracle.image.ImageArchive;
import dev.coracle.image.ImageExport.Exported;
import dev.coracle.image.Reference;
import dev.coracle.linux.UnnamedFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/** {@code coracle image …}: what a node's images are, without a kubelet. */
final class ImageCommand {
    static final String NAME_OPTION = "--name";
    static final String OPERANDS = "list | pull NAME | remove NAME… | import FILE | export FILE NAME…";
    private static final String STANDARD = "-";
    private static final int BUFFER_BYTES = 64 << 10;

    private final Config config;
    private final Arguments arguments;
    private final PrintStream out;
    private final PrintStream err;
    private final ProgressLine progress;

    private ImageCommand(Arguments arguments, PrintStream out, PrintStream err) {
        this.config = Config.of(arguments);
        this.arguments = arguments;
        this.out = out;
        this.err = err;
        this.progress = ProgressLine.on(err);
    }

    /** {@code arguments} follow the word {@code image}. */
    static void run(List<String> arguments, PrintStream out, PrintStream err) {
        Set<String> options = new TreeSet<>(Commands.configOptions());
        options.addAll(List.of(NAME_OPTION, PullCredentials.CREDS_OPTION, PullCredentials.FILE_OPTION));
        new ImageCommand(Arguments.parse(arguments, options), out, err).run();
    }

    private void run() {
        List<String> words = arguments.operands();
        String word = words.isEmpty() ? "" : words.getFirst();
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        switch (word) {
            case "list" -> out.print(ask(NodeImages::list));
            case "pull" -> pull(only(rest, "a name"));
            case "remove" -> remove(rest);
            case "import" -> take(only(rest, "a file"));
            case "export" -> export(rest);
            default -> throw new UsageError("image " + OPERANDS);
        }
    }

    private void pull(String name) {
        Credentials credentials = PullCredentials.ofThisProcess().of(arguments, Reference.parse(name));
        String id = ask(images -> images.pull(name, credentials));
        out.println(id);
    }

    private void remove(List<String> names) {
        if (names.isEmpty()) {
            throw new UsageError("image remove needs a name");
        }
        names.forEach(name -> ask(images -> {
            images.remove(name);
            return name;
        }));
    }

    private void take(String file) {
        Optional<UnnamedFile> copy = plain(file);
        Path path = copy.map(UnnamedFile::path).orElse(Path.of(file));
        try (ImageArchive archive = ImageArchive.open(path, file.equals(STANDARD) ? "standard input" : file)) {
            Optional<String> name = arguments.option(NAME_OPTION);
            ask(images -> images.take(archive, name)).forEach(out::println);
        } finally {
            copy.ifPresent(UnnamedFile::close);
        }
    }

    private void export(List<String> words) {
        if (words.size() < 2) {
            throw new UsageError("image export needs a file and a name");
        }
        ExportPlace place = ExportPlace.of(words.getFirst());
        List<String> names = words.subList(1, words.size());
        List<Exported> exported = ask(images -> place.fill(target -> images.export(names, target)));
        PrintStream report = place.isStandardOutput() ? err : out;
        for (Exported image : exported) {
            List<String> lines = image.names().isEmpty() ? List.of(image.here().toString()) : image.names();
            lines.forEach(name -> report.println(name + " " + image.there()));
        }
        if (exported.stream().anyMatch(image -> !image.here().equals(image.there()))) {
            err.println("coracle: layers are packed anew: images have other ids and digests there than here");
        }
    }

    private <T> T ask(NodeImages.Work<T> work) {
        try {
            return NodeImages.ask(config.socket(), progress::show, work);
        } finally {
            progress.clear();
        }
    }

    /**
     * A copy for what cannot be read from the middle: standard input, a pipe, and what is compressed. It has no name that could stay, and
     * is no larger than a layer may be.
     */
    private Optional<UnnamedFile> plain(String file) {
        Path path = Path.of(file);
        boolean standard = file.equals(STANDARD);
        if (!standard && Files.isDirectory(path)) {
            return Optional.empty();
        }
        try (InputStream in =
                new BufferedInputStream(standard ? System.in : Files.newInputStream(path), BUFFER_BYTES)) {
            boolean packed = isGzip(in);
            return !packed && !standard && Files.isRegularFile(path)
                    ? Optional.empty()
                    : Optional.of(copy(packed ? new GZIPInputStream(in, BUFFER_BYTES) : in));
        } catch (IOException e) {
            throw new Unavailable("read " + file, e.toString(), e);
        }
    }

    private static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean packed = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return packed;
    }

    private UnnamedFile copy(InputStream in) throws IOException {
        long limit = config.pullLimits().layerBytes();
        UnnamedFile copy = UnnamedFile.scratch(Path.of(System.getProperty("java.io.tmpdir")));
        try (OutputStream out = Files.newOutputStream(copy.path(), StandardOpenOption.WRITE)) {
            if (ByteStreams.limit(in, limit).transferTo(out) == limit && in.read() >= 0) {
                throw new IOException("unpacked it has more than " + limit + " bytes: see images.max_layer_size");
            }
            return copy;
        } catch (IOException e) {
            copy.close();
            throw e;
        }
    }

    private static String only(List<String> operands, String what) {
        if (operands.size() != 1) {
            throw new UsageError("expected " + what + ", found " + operands.size() + " arguments");
        }
        return operands.getFirst();
    }
}
