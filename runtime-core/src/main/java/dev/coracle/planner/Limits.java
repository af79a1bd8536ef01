package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What {@link Resources} mean as files of a control group, in an order that the kernel takes for a new group. */
final class Limits {
    private static final long DEFAULT_PERIOD = 100_000;
    private static final Pattern PAGE_SIZE = Pattern.compile("\\d+(KB|MB|GB)");
    private static final Pattern UNIFIED_KEY = Pattern.compile("[a-z0-9_]+(\\.[A-Za-z0-9_]+)+");
    private static final String FIELD = "linux.resources.";

    private final Group group;
    private final Host host;
    private final boolean version2;
    private final List<LimitFile> files = new ArrayList<>();

    private Limits(Group group, Host host) {
        this.group = group;
        this.host = host;
        this.version2 = group.layout() instanceof CgroupLayout.V2;
    }

    /**
     * The files, in the order they have to be written.
     *
     * @throws InvalidSpec if values contradict each other
     * @throws Unsupported if the host lacks the controller of a limit that was asked for
     */
    static List<LimitFile> of(Group group, Resources resources, Host host) {
        Limits limits = new Limits(group, host);
        limits.cpuset(resources);
        limits.cpu(resources);
        limits.memory(resources);
        limits.pids(resources);
        resources.hugepageLimits().forEach(limits::hugepages);
        limits.unified(resources.unified());
        return limits.files;
    }

    private void cpuset(Resources resources) {
        add("cpuset", "cpuset.cpus", resources.cpusetCpus());
        add("cpuset", "cpuset.mems", resources.cpusetMems());
    }

    private void cpu(Resources resources) {
        if (resources.cpuShares() > 0) {
            long shares = resources.cpuShares();
            add("cpu", version2 ? "cpu.weight" : "cpu.shares", Long.toString(version2 ? weight(shares) : shares));
        }
        long quota = resources.cpuQuota();
        long period = resources.cpuPeriod();
        if (version2 && (quota != 0 || period != 0)) {
            add("cpu", "cpu.max", (quota > 0 ? quota : "max") + " " + (period > 0 ? period : DEFAULT_PERIOD));
        } else {
            add("cpu", "cpu.cfs_period_us", period > 0 ? Long.toString(period) : "");
            add("cpu", "cpu.cfs_quota_us", quota != 0 ? Long.toString(quota) : "");
        }
    }

    /**
     * Shares of version 1 (2 to 262,144, usually 1,024) as weight of version 2 (1 to 10,000, usually 100). A curve through the
     * three pairs, which the kubelet, runc and crun use since 2025; the straight line before gave 1,024 shares a weight of 39.
     */
    static long weight(long shares) {
        if (shares <= 2) {
            return 1;
        }
        if (shares >= 262_144) {
            return 10_000;
        }
        double log = StrictMath.log((double) shares) / StrictMath.log(2);
        double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
        // what is a whole number but for rounding stays that number
        return (long) StrictMath.ceil(StrictMath.pow(10, exponent) - 1e-6);
    }

    private void memory(Resources resources) {
        long limit = resources.memoryLimit();
        if (limit != 0) {
            add("memory", version2 ? "memory.max" : "memory.limit_in_bytes", bytes(limit));
        }
        long total = resources.memorySwapLimit();
        if (total > 0 && limit <= 0) {
            throw new InvalidSpec(FIELD + "memory_swap_limit_in_bytes", "a swap limit needs a memory limit beside it");
        }
        if (total > 0 && total < limit) {
            throw new InvalidSpec(
                    FIELD + "memory_swap_limit_in_bytes", total + " is less than the memory limit, which it includes");
        }
        if (limit > 0 || total != 0) {
            long whole = total == 0 ? limit : total;
            long value = version2 && whole > 0 ? whole - limit : whole;
            String name = version2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
            addOptional("memory", name, bytes(value));
        }
    }

    private String bytes(long value) {
        return version2 && value < 0 ? "max" : Long.toString(value);
    }

    private void pids(Resources resources) {
        if (resources.pidsLimit() != 0) {
            add("pids", "pids.max", resources.pidsLimit() < 0 ? "max" : Long.toString(resources.pidsLimit()));
        }
    }

    /** The kubelet names every size with 0 for none; a size or controller that is not there has no pages to give. */
    private void hugepages(HugepageLimit limit) {
        String field = FIELD + "hugepage_limits";
        if (!PAGE_SIZE.matcher(limit.pageSize()).matches()) {
            throw new InvalidSpec(field, "page size " + limit.pageSize() + " is not of the form 2MB");
        }
        boolean there = host.hugepageSizes().contains(limit.pageSize())
                && group.layout().has("hugetlb");
        if (!there && limit.limit() > 0) {
            throw new InvalidSpec(field, "this node has no huge pages of " + limit.pageSize() + " to limit");
        }
        if (there) {
            String prefix = "hugetlb." + limit.pageSize();
            String value = Long.toUnsignedString(limit.limit());
            add("hugetlb", prefix + (version2 ? ".max" : ".limit_in_bytes"), value);
            addOptional("hugetlb", prefix + (version2 ? ".rsvd.max" : ".rsvd.limit_in_bytes"), value);
        }
    }

    /** Written last, and as they are: the client knows better. What moves or ends processes is not a limit. */
    private void unified(Map<String, String> unified) {
        if (!unified.isEmpty() && !version2) {
            throw new Unsupported("set " + FIELD + "unified", "the cgroups of this node are not of version 2");
        }
        new TreeMap<>(unified).forEach((name, value) -> {
            if (!UNIFIED_KEY.matcher(name).matches() || name.startsWith("cgroup.")) {
                throw new InvalidSpec(FIELD + "unified[" + name + "]", "not the name of a limit's file");
            }
            files.add(new LimitFile(group.unified().orElseThrow(), name, value, false));
        });
    }

    private void add(String controller, String file, String value) {
        if (!value.isEmpty()) {
            files.add(new LimitFile(directory(controller, file), file, value, false));
        }
    }

    private void addOptional(String controller, String file, String value) {
        files.add(new LimitFile(directory(controller, file), file, value, true));
    }

    private String directory(String controller, String file) {
        Optional<String> directory = group.directory(controller);
        return directory.orElseThrow(
                () -> new Unsupported("set " + file, "this node has no cgroup controller " + controller));
    }
}
