package dev.coracle.stats;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at processes in /proc. What ends meanwhile counts as far as it was seen. Confined to one reading. */
final class ProcessReader {
    private static final Path PROC = Path.of("/proc");
    private static final String OPEN_FILES = "Max open files";
    private static final String SOCKET = "socket:";

    private long descriptors;
    private long sockets;

    private ProcessReader() {}

    static ProcessUsage of(List<Integer> pids) {
        ProcessReader reader = new ProcessReader();
        pids.forEach(reader::count);
        Long limit = pids.isEmpty() ? null : maxOpenFiles(pids.getFirst());
        return new ProcessUsage(pids.size(), reader.descriptors, reader.sockets, limit);
    }

    private void count(int pid) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
            for (Path descriptor : open) {
                descriptors++;
                if (Files.readSymbolicLink(descriptor).toString().startsWith(SOCKET)) {
                    sockets++;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return; // it has ended, or has closed it
        }
    }

    /** {@code Max open files            1024                 524288               files}. */
    private static @Nullable Long maxOpenFiles(int pid) {
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/limits"))) {
                if (line.startsWith(OPEN_FILES)) {
                    String soft = line.substring(OPEN_FILES.length()).strip().split(" ", -1)[0];
                    return FigureFile.number(soft).isPresent()
                            ? FigureFile.number(soft).getAsLong()
                            : null;
                }
            }
        } catch (IOException e) {
            return null; // it has ended
        }
        return null;
    }
}
