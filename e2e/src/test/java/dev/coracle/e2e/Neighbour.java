package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Another machine on a node's network: a network namespace with a link of its own to the node. */
final class Neighbour implements AutoCloseable {
    private final Node node;
    private final String name;
    private final NodeProcess holder;

    private Neighbour(Node node, String name, NodeProcess holder) {
        this.node = node;
        this.name = name;
        this.holder = holder;
    }

    /** The node is at this address with .1 at its end, the neighbour with .2: {@code 10.77.0}. */
    static Neighbour of(Node node, String name, String network) {
        NodeProcess holder = node.start(
                name, Map.of(), List.of("unshare", "--net", Tools.busybox().toString(), "sleep", "1000000"));
        Waiting.untilTrue(
                "a network of its own",
                Duration.ofSeconds(10),
                () -> !net(holder.pid()).equals(net(node.holder())));
        Neighbour neighbour = new Neighbour(node, name, holder);
        node.command(
                        "ip",
                        "link",
                        "add",
                        name,
                        "type",
                        "veth",
                        "peer",
                        "name",
                        "eth0",
                        "netns",
                        String.valueOf(holder.pid()))
                .text();
        node.command("ip", "address", "add", network + ".1/24", "dev", name).text();
        node.command("ip", "link", "set", name, "up").text();
        neighbour
                .command("ip", "address", "add", network + ".2/24", "dev", "eth0")
                .text();
        neighbour.command("ip", "link", "set", "eth0", "up").text();
        return neighbour;
    }

    private static Path net(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process whose network is the neighbour's. */
    long pid() {
        return holder.pid();
    }

    private Outcome command(String... command) {
        List<String> line =
                new java.util.ArrayList<>(List.of("nsenter", "--target", String.valueOf(holder.pid()), "--net", "--"));
        line.addAll(List.of(command));
        return Outcome.of(line);
    }

    /** It reaches another network by way of the node. */
    void route(String to, String by) {
        command("ip", "route", "add", to, "via", by).text();
    }

    /** From now on it answers nothing, as if its power were cut. */
    void vanish() {
        command("ip", "address", "flush", "dev", "eth0").text();
    }

    @Override
    public void close() {
        node.command("ip", "link", "delete", name).text();
        holder.close();
    }
}
