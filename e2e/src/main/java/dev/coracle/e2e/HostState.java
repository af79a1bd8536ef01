package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a runtime could leave behind on a node: processes, mounts, namespaces, cgroups, links, addresses, routes, rules of netfilter,
 * files outside its own folders. Taken before and after a test, the second may hold nothing more than the first.
 */
public record HostState(Map<String, Set<String>> found) {

    private static final String BETWEEN = "=====\n";
    private static final String NETWORK = "ip -o link; echo =====; ip -o address; echo =====; ip route; echo =====; "
            + "iptables-save; echo =====; ip6tables-save";

    /** What CNI plugins, and apparmor_parser, keep by design once they have run, whatever becomes of the pods. */
    private static final List<Pattern> KEPT_BY_PLUGINS = List.of(
            Pattern.compile("/var/cache(/apparmor(/.*)?)?"),
            Pattern.compile("/run/(xtables\\.lock|netns|lock|cni(/.*)?)"),
            Pattern.compile("/var/lib(/cni(/networks(/[^/]+(/(lock|last_reserved_ip\\..*))?)?)?)?"),
            Pattern.compile("/var/lib/cni/results"),
            Pattern.compile(".*-A (PREROUTING|OUTPUT|POSTROUTING) .*CNI-HOSTPORT.*"),
            Pattern.compile(".*-A CNI-HOSTPORT-(MASQ|SETMARK) .*"),
            Pattern.compile("/run/containerd(/(s|runc(/k8s\\.io)?))?"),
            Pattern.compile("/(tmp|var|var/log|etc|run|opt)"),
            Pattern.compile("/tmp/hsperfdata_.*"));

    /** Takes everything but some processes; ids are those of pods and containers, by which cgroups are known to be the runtime's. */
    public static HostState of(Node node, Set<String> ids, Set<Long> ignoredPids) {
        Map<String, Set<String>> found = new HashMap<>();
        Processes processes = Processes.of(node).without(ignoredPids);
        found.put("process", processes.descriptions());
        found.put("namespace", processes.namespaces());
        found.put("mount", mounts(node));
        found.put("cgroup", cgroups(node, ids));
        found.put("netns", names(node.inside("/run/netns")));
        String[] network = node.command("sh", "-c", NETWORK).text().split(BETWEEN, -1);
        found.put("link", lines(network[0], HostState::linkName));
        found.put("address", lines(network[1], HostState::address));
        found.put("route", lines(network[2], HostState::route));
        found.put("rule", lines(network[3], HostState::rule));
        found.put("rule of IPv6", lines(network[4], HostState::rule));
        found.put("file", files(node));
        return new HostState(Map.copyOf(found));
    }

    /** What is here and was not there: one line each, empty when nothing was left. */
    public List<String> moreThan(HostState before) {
        List<String> more = new ArrayList<>();
        found.keySet().stream().sorted().forEach(kind -> {
            Set<String> left = new TreeSet<>(found.getOrDefault(kind, Set.of()));
            left.removeAll(before.found.getOrDefault(kind, Set.of()));
            left.forEach(item -> more.add(kind + " " + item));
        });
        return more;
    }

    private static Set<String> mounts(Node node) {
        Path file = Path.of("/proc", String.valueOf(node.holder()), "mountinfo");
        try (Stream<String> mounts = Files.lines(file)) {
            return mounts.map(line -> line.split(" ", -1))
                    .map(f -> f[4] + " from " + f[3])
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all cgroups of the machine those that belong to pods of this node: below its own parent, or named by an id. */
    private static Set<String> cgroups(Node node, Set<String> ids) {
        Set<String> groups = new HashSet<>();
        for (Path root : PodCgroup.hierarchies()) {
            for (Path group : PodCgroup.groupsBelow(root)) {
                String path = group.toString();
                if (path.contains(node.name()) || ids.stream().anyMatch(path::contains)) {
                    groups.add(path);
                }
            }
        }
        return groups;
    }

    private static Set<String> names(Path dir) {
        if (!Files.isDirectory(dir)) {
            return Set.of();
        }
        try (Stream<Path> list = Files.list(dir)) {
            return list.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> lines(String text, java.util.function.UnaryOperator<String> part) {
        return text.lines().map(part).filter(s -> !s.isEmpty()).collect(Collectors.toSet());
    }

    private static String linkName(String line) {
        return line.split(": ", 3)[1];
    }

    /** The interface and its address; link-local ones of IPv6 come and go with carrier. */
    private static String address(String line) {
        String[] parts = line.strip().split("\\s+", -1);
        return parts[3].startsWith("fe80:") ? "" : parts[1] + " " + parts[3];
    }

    /** Whether the link has a carrier is no part of the route. */
    private static String route(String line) {
        return line.replace(" linkdown", "").strip();
    }

    /** A rule, or a chain of a plugin; the usual chains and the counters do not matter. */
    private static String rule(String line) {
        boolean counts = line.startsWith("-A") || (line.startsWith(":CNI-") && !line.startsWith(":CNI-HOSTPORT-"));
        String rule = line.replaceAll("\\[\\d+:\\d+]", "").strip();
        return counts && notKept(rule) ? rule : "";
    }

    private static Set<String> files(Node node) {
        Set<String> files = new HashSet<>();
        node.changes().forEach((dir, upper) -> {
            try (Stream<Path> walk = Files.walk(upper)) {
                walk.map(p -> dir + (p.equals(upper) ? "" : "/" + upper.relativize(p)))
                        .filter(HostState::notKept)
                        .forEach(files::add);
            } catch (IOException | UncheckedIOException e) {
                // a file went away while the tree was walked: whoever asks again sees it whole
            }
        });
        return files;
    }

    private static boolean notKept(String item) {
        return KEPT_BY_PLUGINS.stream().noneMatch(p -> p.matcher(item).matches());
    }
}
