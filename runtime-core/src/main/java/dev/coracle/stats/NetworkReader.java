package dev.coracle.stats;

import dev.coracle.linux.Fd;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what has passed the interfaces of network namespaces: from a thread that goes from one to the next (setns, 3.0) and then ends, as
 * it would look at the wrong network for ever after. It trusts no process in them, and needs none.
 */
public final class NetworkReader {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkReader.class);
    private static final Path DEVICES = Path.of("/proc/thread-self/net/dev");
    private static final String LOOPBACK = "lo";
    private static final int HEADER_LINES = 2;
    private static final int COLUMNS = 16;

    private NetworkReader() {}

    /**
     * What has passed the interfaces of each, without the loopback.
     *
     * @param namespaces any key to where the namespace is pinned; what is gone is left out of the answer
     */
    public static <K> Map<K, List<InterfaceUsage>> read(Map<K, Path> namespaces) {
        Map<K, List<InterfaceUsage>> usage = new LinkedHashMap<>();
        Thread thread = Thread.ofPlatform()
                .name("network-usage")
                .daemon()
                .start(() -> namespaces.forEach((key, namespace) -> visit(namespace, key, usage)));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
        return usage;
    }

    private static <K> void visit(Path namespace, K key, Map<K, List<InterfaceUsage>> usage) {
        Linux linux = new Linux();
        try (Fd fd = linux.openat(null, namespace.toString(), Linux.O_RDONLY, 0)) {
            linux.setns(fd, Linux.CLONE_NEWNET);
            usage.put(key, parse(Files.readAllLines(DEVICES)));
        } catch (SyscallException e) {
            LOG.debug("enter {}: {}", namespace, e.getMessage());
        } catch (IOException e) {
            LOG.warn("read {}: {}", DEVICES, e.getMessage());
        }
    }

    /** Two lines of head, then one for each interface: its name, eight figures of what was received, eight of what was sent. */
    static List<InterfaceUsage> parse(List<String> lines) {
        List<InterfaceUsage> interfaces = new ArrayList<>();
        for (String line : lines.subList(Math.min(HEADER_LINES, lines.size()), lines.size())) {
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(colon, 0)).strip();
            String[] columns = line.substring(colon + 1).strip().split(" +", -1);
            if (columns.length >= COLUMNS && !name.equals(LOOPBACK)) {
                interfaces.add(new InterfaceUsage(name, direction(columns, 0), direction(columns, COLUMNS / 2)));
            }
        }
        return interfaces;
    }

    private static InterfaceUsage.Direction direction(String[] columns, int first) {
        return new InterfaceUsage.Direction(
                Long.parseLong(columns[first]),
                Long.parseLong(columns[first + 1]),
                Long.parseLong(columns[first + 2]),
                Long.parseLong(columns[first + 3]));
    }
}
