package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One control group, in every hierarchy of the host.
 *
 * @param path below each hierarchy's root: absolute, {@code /kubepods/podx/id}
 */
public record Group(CgroupLayout layout, String path) {
    private static final String OWN_PARENT = "/coracle/pods/";

    /**
     * The group that a pod's containers are made in: what the client asked for, else one of the pod's own.
     *
     * @param requested CRI {@code cgroup_parent}
     * @throws InvalidSpec if it is not an absolute path, or a systemd slice
     */
    static Group parent(CgroupLayout layout, String requested, PodId pod) {
        if (requested.isEmpty()) {
            return new Group(layout, OWN_PARENT + pod);
        }
        if (requested.endsWith(".slice") && !requested.startsWith("/")) {
            throw new InvalidSpec(
                    "linux.cgroup_parent", requested + " is a systemd slice, and the cgroup driver here is cgroupfs");
        }
        List<String> elements = List.of(requested.split("/", -1));
        if (!requested.startsWith("/") || elements.contains("..") || elements.contains(".")) {
            throw new InvalidSpec("linux.cgroup_parent", requested + " is not an absolute path of plain names");
        }
        return new Group(layout, requested.replaceAll("/+", "/").replaceAll("/$", ""));
    }

    /** Whether Coracle made the pod's group of its own accord, and so removes it. */
    static boolean isOwn(String requested) {
        return requested.isEmpty();
    }

    Group child(ContainerId id) {
        return new Group(layout, path + "/" + id);
    }

    Group child(PodId id) {
        return new Group(layout, path + "/" + id);
    }

    /** From the one below the root down to this group. */
    List<Group> line() {
        List<Group> line = new ArrayList<>();
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            line.add(new Group(layout, path.substring(0, slash)));
        }
        line.add(this);
        return line;
    }

    /** Its directory in each hierarchy, in order. */
    public List<String> directories() {
        List<String> all = new ArrayList<>();
        unified().ifPresent(all::add);
        all.addAll(joined());
        return all;
    }

    /** Its directory in the hierarchy of version 2, into which processes are born; empty on plain version 1. */
    public Optional<String> unified() {
        return switch (layout) {
            case CgroupLayout.V2 v2 -> Optional.of(v2.root() + path);
            case CgroupLayout.V1 v1 -> Optional.empty();
            case CgroupLayout.Hybrid hybrid -> Optional.of(hybrid.unified() + path);
        };
    }

    /** Its directories in the hierarchies of version 1, which processes have to join. */
    List<String> joined() {
        return layout.mountPoints().stream()
                .map(mountPoint -> mountPoint + path)
                .toList();
    }

    /** Where files of a controller lie; empty when the host lacks it. */
    public Optional<String> directory(String controller) {
        if (!layout.has(controller)) {
            return Optional.empty();
        }
        return layout instanceof CgroupLayout.V2(String root, var controllers)
                ? Optional.of(root + path)
                : Optional.ofNullable(layout.hierarchies().get(controller)).map(mountPoint -> mountPoint + path);
    }

    /** By which of its directories every process in it can be killed. */
    List<String> killable() {
        return unified()
                .map(List::of)
                .orElseGet(() -> directory("freezer").map(List::of).orElse(joined().subList(0, 1)));
    }
}
