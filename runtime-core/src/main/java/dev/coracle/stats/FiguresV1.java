package dev.coracle.stats;

import static dev.coracle.stats.Figure.*;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Reads everything that version 1 counts of one group. Confined to one reading. */
final class FiguresV1 {
    private static final Set<String> OPERATIONS = Set.of("Read", "Write", "Discard");

    private final GroupFiles.V1 groups;
    private final FigureSheet sheet = new FigureSheet();

    FiguresV1(GroupFiles.V1 groups) {
        this.groups = groups;
    }

    GroupFigures read(Collection<String> pageSizes) throws IOException {
        cpu();
        memory(groups.in("memory"));
        limits(groups.in("cpu"), groups.in("memory"), groups.in("pids"));
        FigureFile.In pressure = groups.inUnified();
        return sheet.figures(
                devices(groups.in("blkio")),
                hugepages(groups.in("hugetlb"), pageSizes),
                pressure.pressure("cpu.pressure"),
                pressure.pressure("memory.pressure"),
                pressure.pressure("io.pressure"));
    }

    private void cpu() throws IOException {
        FigureFile.In account = groups.in("cpuacct");
        sheet.put(CPU_USAGE, account.require("cpuacct.usage").only());
        sheet.put(CPU_USER, account.optional("cpuacct.usage_user").only());
        sheet.put(CPU_SYSTEM, account.optional("cpuacct.usage_sys").only());
        FigureFile stat = groups.in("cpu").optional("cpu.stat");
        sheet.put(CPU_PERIODS, stat.find("nr_periods"));
        sheet.put(CPU_THROTTLED_PERIODS, stat.find("nr_throttled"));
        sheet.put(CPU_THROTTLED_TIME, stat.find("throttled_time"));
        sheet.put(CPU_BURST_PERIODS, stat.find("nr_bursts"));
        sheet.put(CPU_BURST_TIME, stat.find("burst_time"));
    }

    private void memory(FigureFile.In group) throws IOException {
        FigureFile stat = group.optional("memory.stat");
        sheet.put(MEMORY_USAGE, group.optional("memory.usage_in_bytes").only());
        sheet.put(MEMORY_MAX_USAGE, group.optional("memory.max_usage_in_bytes").only());
        sheet.put(MEMORY_KERNEL, group.optional("memory.kmem.usage_in_bytes").only());
        limitHits(group);
        sheet.put(MEMORY_OOM_KILLS, group.optional("memory.oom_control").find("oom_kill")); // 4.13
        sheet.put(MEMORY_CACHE, stat.find("total_cache"));
        sheet.put(MEMORY_RSS, stat.find("total_rss"));
        sheet.put(MEMORY_MAPPED_FILE, stat.find("total_mapped_file"));
        sheet.put(MEMORY_SWAP, stat.find("total_swap"));
        sheet.put(MEMORY_ACTIVE_FILE, stat.find("total_active_file"));
        sheet.put(MEMORY_INACTIVE_FILE, stat.find("total_inactive_file"));
        sheet.put(MEMORY_FILE_DIRTY, stat.find("total_dirty"));
        sheet.put(MEMORY_FILE_WRITEBACK, stat.find("total_writeback"));
        sheet.put(MEMORY_REFAULTS_FILE, stat.find("total_workingset_refault_file"));
        sheet.put(MEMORY_REFAULTS_ANON, stat.find("total_workingset_refault_anon"));
        sheet.put(MEMORY_PAGE_FAULTS, stat.find("total_pgfault"));
        sheet.put(MEMORY_MAJOR_PAGE_FAULTS, stat.find("total_pgmajfault"));
        sheet.put(MEMORY_OWN_PAGE_FAULTS, stat.find("pgfault"));
        sheet.put(MEMORY_OWN_MAJOR_PAGE_FAULTS, stat.find("pgmajfault"));
        sheet.put(NumaStat.version1(group.optional("memory.numa_stat").text()));
        sheet.put(
                MEMORY_MIGRATE,
                groups.in("cpuset").optional("cpuset.memory_migrate").only());
        sheet.workingSet();
    }

    /** Each allocation that a limit refuses counts once: where swap has no room of its own, at the limit of memory and swap. */
    private void limitHits(FigureFile.In group) throws IOException {
        OptionalLong memory = group.optional("memory.failcnt").only();
        if (memory.isPresent()) {
            sheet.put(MEMORY_LIMIT_HITS, memory.getAsLong() + group.single("memory.memsw.failcnt", 0));
        }
    }

    private void limits(FigureFile.In cpu, FigureFile.In memory, FigureFile.In pids) throws IOException {
        sheet.put(LIMIT_CPU_PERIOD, cpu.optional("cpu.cfs_period_us").only());
        sheet.putLimit(LIMIT_CPU_QUOTA, cpu.optional("cpu.cfs_quota_us").only());
        sheet.put(LIMIT_CPU_SHARES, cpu.optional("cpu.shares").only());
        sheet.putLimit(LIMIT_MEMORY, memory.optional("memory.limit_in_bytes").only());
        sheet.putLimit(
                LIMIT_MEMORY_SOFT, memory.optional("memory.soft_limit_in_bytes").only());
        sheet.putLimit(
                LIMIT_MEMORY_SWAP,
                memory.optional("memory.memsw.limit_in_bytes").only());
        sheet.put(THREADS, pids.optional("pids.current").only());
        sheet.putLimit(THREADS_MAX, pids.optional("pids.max").only());
    }

    /** {@code 8:0 Read 4096}. The throttling policy counts whatever the scheduler is, below 4.15 without the groups below. */
    private static List<DeviceTraffic> devices(FigureFile.In group) throws IOException {
        Map<String, Map<String, Long>> bytes = byDevice(recursive(group, "blkio.throttle.io_service_bytes"));
        Map<String, Map<String, Long>> operations = byDevice(recursive(group, "blkio.throttle.io_serviced"));
        List<DeviceTraffic> devices = new ArrayList<>();
        bytes.forEach((device, counted) ->
                devices.add(new DeviceTraffic(device, counted, operations.getOrDefault(device, Map.of()), Map.of())));
        return devices;
    }

    private static FigureFile recursive(FigureFile.In group, String name) throws IOException {
        FigureFile all = group.optional(name + "_recursive");
        return all.there() ? all : group.optional(name);
    }

    private static Map<String, Map<String, Long>> byDevice(FigureFile file) {
        Map<String, Map<String, Long>> devices = new TreeMap<>();
        for (String line : file.text().split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length == 3 && OPERATIONS.contains(words[1])) {
                devices.computeIfAbsent(words[0], _ -> new TreeMap<>())
                        .put(words[1], FigureFile.number(words[2]).orElse(0));
            }
        }
        return devices;
    }

    private static List<HugepageUsage> hugepages(FigureFile.In group, Collection<String> pageSizes) throws IOException {
        List<HugepageUsage> usages = new ArrayList<>();
        for (String size : pageSizes) {
            String prefix = "hugetlb." + size;
            FigureFile usage = group.optional(prefix + ".usage_in_bytes");
            if (usage.there()) {
                usages.add(new HugepageUsage(
                        size,
                        usage.only().orElse(0),
                        group.single(prefix + ".max_usage_in_bytes", 0),
                        group.single(prefix + ".failcnt", 0)));
            }
        }
        return usages;
    }
}
