package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.Slot;
import dev.coracle.spec.Resources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Plans a change of a running container's limits, in three parts: {@link #read} what is in force, {@link #update} what differs,
 * and, should that fail half-way, {@link #restore} what was read. Immutable; any thread.
 */
public final class ResourcePlanner {
    private static final String EFFECTIVE = ".effective";
    private static final long PAGE = 4096;
    private static final long MAX_FILE = 65_536;
    /** What version 1 reads where no limit was set: the largest number of whole pages. */
    private static final String NO_LIMIT = "9223372036854771712";

    private final Host host;

    public ResourcePlanner(Host host) {
        this.host = host;
    }

    /**
     * Reads the files that {@code wanted} is about, and how much memory is in use.
     *
     * @param wanted what is to change; zero and empty values do not
     * @throws dev.coracle.failure.RuntimeFailure.InvalidSpec if values contradict each other
     * @throws dev.coracle.failure.RuntimeFailure.Unsupported if the host lacks a controller
     */
    public Plan read(ContainerOrder order, Resources wanted) {
        Plan.Builder plan = Plan.titled("read limits of " + order.title());
        List<LimitFile> files = files(order, wanted);
        for (int i = 0; i < files.size(); i++) {
            LimitFile file = files.get(i);
            read(plan, new Slot("f" + i), file.path(), file.name());
            if (file.name().startsWith("cpuset.")) {
                read(plan, new Slot("e" + i), file.path() + EFFECTIVE, file.name() + EFFECTIVE);
            }
        }
        order.group(host)
                .directory("memory")
                .ifPresent(directory -> read(plan, new Slot("used"), directory + "/" + usageFile(), usageFile()));
        return plan.build();
    }

    private List<LimitFile> files(ContainerOrder order, Resources wanted) {
        return Limits.of(order.group(host), wanted, host);
    }

    private String limitFile() {
        return host.cgroups() instanceof CgroupLayout.V2 ? "memory.max" : "memory.limit_in_bytes";
    }

    private String usageFile() {
        return host.cgroups() instanceof CgroupLayout.V2 ? "memory.current" : "memory.usage_in_bytes";
    }

    private static void read(Plan.Builder plan, Slot file, String path, String name) {
        plan.host(new FileOp.Open(Slot.NONE, path, Set.of(OpenFlag.RDONLY), 0, file), Errno.ENOENT);
        plan.host(new FileOp.Read(file, MAX_FILE, name), Errno.EOPNOTSUPP);
    }

    /**
     * Writes what differs from {@code before}; a plan without steps where nothing does.
     *
     * @param before the answers to {@link #read} with the same resources
     * @throws WrongState if more memory is in use than the new limit: on version 2 the kernel would kill
     */
    public Plan update(ContainerOrder order, Resources wanted, Answers before) {
        refuseWhatWouldKill(order, wanted, before);
        Plan.Builder plan = Plan.titled("limit " + order.title());
        for (LimitFile file : ordered(files(order, wanted), before)) {
            if (!holds(file, value(before, file.name()))) {
                plan.add(file.write());
            }
        }
        return plan.build();
    }

    private void refuseWhatWouldKill(ContainerOrder order, Resources wanted, Answers before) {
        long used = value(before, usageFile()).map(Long::parseLong).orElse(0L);
        boolean changes = files(order, wanted).stream()
                .filter(file -> file.name().equals(limitFile()))
                .anyMatch(file -> !holds(file, value(before, file.name())));
        if (changes && wanted.memoryLimit() > 0 && wanted.memoryLimit() < used) {
            throw new WrongState(
                    "limit " + order.title() + " to " + wanted.memoryLimit() + " bytes of memory",
                    used + " bytes are in use");
        }
    }

    /**
     * Writes all the old values back.
     *
     * @param before the answers to {@link #read} with the same resources
     */
    public Plan restore(ContainerOrder order, Resources wanted, Answers before) {
        Plan.Builder plan = Plan.titled("restore limits of " + order.title());
        List<LimitFile> backwards = new ArrayList<>(ordered(files(order, wanted), before));
        Collections.reverse(backwards);
        for (LimitFile file : backwards) {
            old(before, file.name())
                    .ifPresent(old -> plan.host(new FileOp.Write(Slot.NONE, file.path(), Bytes.utf8(old))));
        }
        return plan.build();
    }

    /** What has to be written to have it as before. An empty list of cpus cannot be, while there are processes (6.1): what held. */
    private static Optional<String> old(Answers before, String name) {
        return value(before, name)
                .map(old -> old.equals(NO_LIMIT) ? "-1" : old)
                .filter(old -> !old.isEmpty())
                .or(() -> value(before, name + EFFECTIVE));
    }

    private static Optional<String> value(Answers answers, String name) {
        return answers.read(name).map(bytes -> bytes.utf8().strip());
    }

    /** Whether the file says already what is to be written. The kernel keeps bytes as whole pages. */
    private static boolean holds(LimitFile file, Optional<String> now) {
        if (now.isEmpty()) {
            return false;
        }
        String wanted = file.value().equals("-1") && now.get().equals(NO_LIMIT) ? NO_LIMIT : file.value();
        return wanted.equals(now.get()) || (pages(wanted) >= 0 && pages(wanted) == pages(now.get()));
    }

    /** Of a number of bytes above one page; -1 for everything else. */
    private static long pages(String value) {
        boolean number =
                value.length() > 4 && value.length() < 19 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(value) / PAGE : -1;
    }

    /**
     * Version 1 checks pairs of files at each write: memory must not exceed memory and swap, and the share of a period must not
     * exceed the parent's. So what grows the room comes first.
     */
    private static List<LimitFile> ordered(List<LimitFile> files, Answers before) {
        List<LimitFile> ordered = new ArrayList<>(files);
        if (grows(files, before, "memory.memsw.limit_in_bytes")) {
            putBefore(ordered, "memory.memsw.limit_in_bytes", "memory.limit_in_bytes");
        }
        if (!grows(files, before, "cpu.cfs_period_us")) {
            putBefore(ordered, "cpu.cfs_quota_us", "cpu.cfs_period_us");
        }
        return ordered;
    }

    private static boolean grows(List<LimitFile> files, Answers before, String name) {
        Optional<String> old = value(before, name);
        return files.stream()
                .filter(file -> file.name().equals(name) && old.isPresent())
                .anyMatch(file ->
                        file.value().equals("-1") || Long.parseLong(file.value()) > Long.parseLong(old.orElseThrow()));
    }

    private static void putBefore(List<LimitFile> files, String first, String second) {
        int from = indexOf(files, first);
        int to = indexOf(files, second);
        if (from > to && to >= 0) {
            files.add(to, files.remove(from));
        }
    }

    private static int indexOf(List<LimitFile> files, String name) {
        for (int i = 0; i < files.size(); i++) {
            if (files.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
