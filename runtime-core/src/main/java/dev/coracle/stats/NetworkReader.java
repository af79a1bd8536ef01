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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what has passed the interfaces of network namespaces: from a thread that goes from one to the next (setns, 3.0) and then ends, as
 * it would look at the wrong network for ever after. It trusts no process in them, and needs none.
 */
public final class NetworkReader {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkReader.class);
    private static final Path DEVICES = Path.of("/proc/thread-self/net/dev");
    private static final List<Path> TCP =
            List.of(Path.of("/proc/thread-self/net/snmp"), Path.of("/proc/thread-self/net/netstat"));
    private static final Set<String> PROTOCOLS = Set.of("Tcp:", "TcpExt:");
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
        return visit(namespaces, () -> parse(Files.readAllLines(DEVICES)));
    }

    /**
     * Everything that is counted of each.
     *
     * @param namespaces any key to where the namespace is pinned; what is gone is left out of the answer
     */
    public static <K> Map<K, NetworkFigures> figures(Map<K, Path> namespaces) {
        return visit(namespaces, () -> {
            Map<String, Long> tcp = new TreeMap<>();
            for (Path file : TCP) {
                tcp.putAll(counters(Files.readAllLines(file)));
            }
            return new NetworkFigures(parse(Files.readAllLines(DEVICES)), tcp);
        });
    }

    private interface Reading<V> {
        V get() throws IOException;
    }

    private static <K, V> Map<K, V> visit(Map<K, Path> namespaces, Reading<V> reading) {
        Map<K, V> usage = new LinkedHashMap<>();
        Thread thread = Thread.ofPlatform()
                .name("network-usage")
                .daemon()
                .start(() -> namespaces.forEach(
                        (key, namespace) -> visit(namespace, reading, read -> usage.put(key, read))));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
        return usage;
    }

    private static <V> void visit(Path namespace, Reading<V> reading, Consumer<V> usage) {
        Linux linux = new Linux();
        try (Fd fd = linux.openat(null, namespace.toString(), Linux.O_RDONLY, 0)) {
            linux.setns(fd, Linux.CLONE_NEWNET);
            usage.accept(reading.get());
        } catch (SyscallException e) {
            LOG.debug("enter {}: {}", namespace, e.getMessage());
        } catch (IOException e) {
            LOG.warn("read what is counted in {}: {}", namespace, e.getMessage());
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

    /** Pairs of lines, names above values, each with its protocol first. What can be negative is a setting that is not set. */
    static Map<String, Long> counters(List<String> lines) {
        Map<String, Long> counters = new TreeMap<>();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ", -1);
            String[] values = lines.get(i + 1).split(" ", -1);
            if (PROTOCOLS.contains(names[0]) && names.length == values.length) {
                for (int j = 1; j < names.length; j++) {
                    String name = names[j].toLowerCase(Locale.ROOT);
                    FigureFile.number(values[j]).ifPresent(value -> counters.put(name, value));
                }
            }
        }
        counters.values().removeIf(value -> value < 0);
        return counters;
    }

    private static InterfaceUsage.Direction direction(String[] columns, int first) {
        return new InterfaceUsage.Direction(
                Long.parseLong(columns[first]),
                Long.parseLong(columns[first + 1]),
                Long.parseLong(columns[first + 2]),
                Long.parseLong(columns[first + 3]));
    }
}
