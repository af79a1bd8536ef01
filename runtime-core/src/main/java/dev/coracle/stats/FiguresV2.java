package dev.coracle.stats;

import static dev.coracle.stats.Figure.*;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads everything that version 2 counts of one group. Confined to one reading. */
final class FiguresV2 {
    private static final long NANOS_PER_MICRO = 1_000L;
    private static final String COST = "cost.";

    private final FigureFile.In group;
    private final FigureSheet sheet = new FigureSheet();

    FiguresV2(FigureFile.In group) {
        this.group = group;
    }

    GroupFigures read(Collection<String> pageSizes) throws IOException {
        cpu(group.require("cpu.stat"));
        memory();
        events(group.optional("memory.events"));
        limits();
        return sheet.figures(
                devices(group.optional("io.stat").text()),
                hugepages(pageSizes),
                group.pressure("cpu.pressure"),
                group.pressure("memory.pressure"),
                group.pressure("io.pressure"));
    }

    private void cpu(FigureFile stat) {
        sheet.put(CPU_USAGE, stat.find("usage_usec"), NANOS_PER_MICRO);
        sheet.put(CPU_USER, stat.find("user_usec"), NANOS_PER_MICRO);
        sheet.put(CPU_SYSTEM, stat.find("system_usec"), NANOS_PER_MICRO);
        sheet.put(CPU_PERIODS, stat.find("nr_periods"));
        sheet.put(CPU_THROTTLED_PERIODS, stat.find("nr_throttled"));
        sheet.put(CPU_THROTTLED_TIME, stat.find("throttled_usec"), NANOS_PER_MICRO);
        sheet.put(CPU_BURST_PERIODS, stat.find("nr_bursts"));
        sheet.put(CPU_BURST_TIME, stat.find("burst_usec"), NANOS_PER_MICRO);
    }

    private void memory() throws IOException {
        FigureFile stat = group.optional("memory.stat");
        sheet.put(MEMORY_USAGE, group.optional("memory.current").only());
        sheet.put(MEMORY_MAX_USAGE, group.optional("memory.peak").only()); // 5.19
        sheet.put(MEMORY_SWAP, group.optional("memory.swap.current").only());
        sheet.put(MEMORY_CACHE, stat.find("file"));
        sheet.put(MEMORY_RSS, stat.find("anon"));
        sheet.put(MEMORY_MAPPED_FILE, stat.find("file_mapped"));
        sheet.put(MEMORY_ACTIVE_FILE, stat.find("active_file"));
        sheet.put(MEMORY_INACTIVE_FILE, stat.find("inactive_file"));
        sheet.put(MEMORY_FILE_DIRTY, stat.find("file_dirty"));
        sheet.put(MEMORY_FILE_WRITEBACK, stat.find("file_writeback"));
        sheet.put(MEMORY_PAGES_SCANNED, stat.find("pgscan"));
        sheet.put(MEMORY_PAGES_STOLEN, stat.find("pgsteal"));
        sheet.put(MEMORY_REFAULTS_FILE, stat.find("workingset_refault_file"));
        sheet.put(MEMORY_REFAULTS_ANON, stat.find("workingset_refault_anon"));
        sheet.put(MEMORY_PAGE_FAULTS, stat.find("pgfault"));
        sheet.put(MEMORY_MAJOR_PAGE_FAULTS, stat.find("pgmajfault"));
        sheet.put(MEMORY_OWN_PAGE_FAULTS, stat.find("pgfault"));
        sheet.put(MEMORY_OWN_MAJOR_PAGE_FAULTS, stat.find("pgmajfault"));
        kernel(stat);
        sheet.put(NumaStat.version2(group.optional("memory.numa_stat").text())); // 5.10
        sheet.workingSet();
    }

    /** {@code kernel} is the sum since 5.18. */
    private void kernel(FigureFile stat) {
        long parts = 0;
        for (String part : List.of("kernel_stack", "pagetables", "percpu", "slab", "sock")) {
            parts += stat.figure(part);
        }
        if (stat.there()) {
            sheet.put(MEMORY_KERNEL, stat.find("kernel").orElse(parts));
        }
    }

    private void events(FigureFile events) {
        sheet.put(MEMORY_HIGH_EVENTS, events.find("high"));
        sheet.put(MEMORY_MAX_EVENTS, events.find("max"));
        sheet.put(MEMORY_LIMIT_HITS, events.find("max"));
        sheet.put(MEMORY_OOM_KILLS, events.find("oom_kill"));
    }

    private void limits() throws IOException {
        String[] quotaAndPeriod = group.optional("cpu.max").text().strip().split(" ", -1);
        if (quotaAndPeriod.length == 2) {
            sheet.putLimit(LIMIT_CPU_QUOTA, FigureFile.number(quotaAndPeriod[0]));
            sheet.put(LIMIT_CPU_PERIOD, FigureFile.number(quotaAndPeriod[1]));
        }
        group.optional("cpu.weight").only().ifPresent(weight -> sheet.put(LIMIT_CPU_SHARES, shares(weight)));
        sheet.putLimit(LIMIT_MEMORY, group.optional("memory.max").only());
        sheet.putLimit(LIMIT_MEMORY_SOFT, group.optional("memory.low").only());
        sheet.putLimit(LIMIT_MEMORY_SWAP, group.optional("memory.swap.max").only());
        sheet.put(THREADS, group.optional("pids.current").only());
        sheet.putLimit(THREADS_MAX, group.optional("pids.max").only());
    }

    /** The smallest number of shares that has this weight: see the curve in the planner of limits, which this undoes. */
    private static long shares(long weight) {
        if (weight <= 1) {
            return 2;
        }
        double exponent = StrictMath.log10((double) weight) + 7.0 / 34;
        double log = (-125 + StrictMath.sqrt(125.0 * 125 + 4 * 612 * exponent)) / 2;
        return Math.min(262_144, StrictMath.round(StrictMath.pow(2, log)));
    }

    /** {@code 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6}, and what io.cost adds. */
    static List<DeviceTraffic> devices(String stat) {
        List<DeviceTraffic> devices = new ArrayList<>();
        for (String line : stat.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length > 1 && words[0].contains(":")) {
                devices.add(device(words));
            }
        }
        return devices;
    }

    private static DeviceTraffic device(String[] words) {
        Map<String, Long> bytes = new HashMap<>();
        Map<String, Long> operations = new HashMap<>();
        Map<String, Long> costs = new HashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? "" : word.substring(0, equals);
            long value = FigureFile.number(word.substring(equals + 1)).orElse(0);
            switch (name) {
                case "rbytes" -> bytes.put("Read", value);
                case "wbytes" -> bytes.put("Write", value);
                case "dbytes" -> bytes.put("Discard", value);
                case "rios" -> operations.put("Read", value);
                case "wios" -> operations.put("Write", value);
                case "dios" -> operations.put("Discard", value);
                case "cost.usage", "cost.wait", "cost.indebt", "cost.indelay" ->
                    costs.put(name.substring(COST.length()), value * NANOS_PER_MICRO);
                default -> {
                    // A kernel may tell more than we know.
                }
            }
        }
        return new DeviceTraffic(words[0], bytes, operations, costs);
    }

    private List<HugepageUsage> hugepages(Collection<String> pageSizes) throws IOException {
        List<HugepageUsage> usages = new ArrayList<>();
        for (String size : pageSizes) {
            FigureFile current = group.optional("hugetlb." + size + ".current");
            if (current.there()) {
                long hits = group.optional("hugetlb." + size + ".events").figure("max");
                usages.add(new HugepageUsage(size, current.only().orElse(0), null, hits));
            }
        }
        return usages;
    }
}
