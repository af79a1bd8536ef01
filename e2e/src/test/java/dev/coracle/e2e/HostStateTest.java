package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** The node hides nothing: each kind of thing that could be left behind is seen, and gone with the node. */
@DisabledIfSystemProperty(named = "coracle.e2e", matches = "false", disabledReason = "needs root")
final class HostStateTest {
    private static final String NAME =
            "coracle-state-" + ProcessHandle.current().pid();

    @SuppressWarnings("NullAway.Init") // set before each test
    private Node node;

    @BeforeEach
    void makeNode() throws IOException {
        node = Node.make(
                NAME, Files.createDirectories(Path.of("target", "nodes", NAME).toAbsolutePath()));
    }

    @AfterEach
    void closeNode() {
        node.close();
        PodCgroup.removeTree("/" + NAME);
    }

    private HostState state() {
        return HostState.of(node, Set.of(), Set.of());
    }

    private List<String> after(Runnable change) {
        HostState before = state();
        change.run();
        return state().moreThan(before);
    }

    @Test
    void nothingIsMoreWhenNothingHappened() {
        assertThat(after(() -> {})).isEmpty();
    }

    @Test
    void links() {
        assertThat(after(() -> node.command("ip", "link", "add", "left0", "type", "bridge")
                        .text()))
                .containsExactly("link left0");
        assertThat(Outcome.of("ip", "-o", "link").text()).doesNotContain("left0");
    }

    @Test
    void addressesAndRoutes() {
        node.command("ip", "link", "set", "lo", "up").text();
        assertThat(after(() -> node.command("ip", "address", "add", "192.0.2.1/24", "dev", "lo")
                        .text()))
                .contains("address lo 192.0.2.1/24");
    }

    @Test
    void rules() {
        assertThat(after(() -> node.command(
                                "iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "192.0.2.0/24", "-j", "MASQUERADE")
                        .text()))
                .anyMatch(l -> l.startsWith("rule ") && l.contains("192.0.2.0/24"));
    }

    @Test
    void mountsAndNamedNamespaces() {
        assertThat(after(() -> node.command("ip", "netns", "add", "left").text()))
                .anyMatch(l -> l.equals("netns left"));
        Path folder = node.dir();
        assertThat(after(() -> node.command("mount", "-t", "tmpfs", "left", folder.toString())
                        .text()))
                .anyMatch(l -> l.startsWith("mount " + folder));
        assertThat(Outcome.of("cat", "/proc/self/mounts").text()).doesNotContain(folder.toString());
    }

    @Test
    void filesOutsideItsOwnFolders() {
        assertThat(after(() -> node.command("touch", "/etc/left-behind").text()))
                .contains("file /etc/left-behind");
        assertThat(Path.of("/etc/left-behind")).doesNotExist();
    }

    @Test
    void cgroups() {
        assertThat(after(() -> PodCgroup.make("/" + NAME + "/left")))
                .anyMatch(l -> l.startsWith("cgroup ") && l.endsWith("/left"));
    }

    @Test
    void processesAndNamespacesThatOutliveTheirParent() {
        HostState before = state();
        NodeProcess parent = node.start(
                "parent", Map.of(), List.of("sh", "-c", "setsid unshare --ipc sleep 4242 & sleep 0.5; exit 0"));
        Waiting.untilTrue(
                "the parent has ended",
                Duration.ofSeconds(10),
                () -> !ProcessHandle.of(parent.pid())
                        .map(ProcessHandle::isAlive)
                        .orElse(false));
        List<String> more = state().moreThan(before);
        assertThat(more).anyMatch(l -> l.startsWith("process ") && l.endsWith("sleep 4242"));
        assertThat(more).anyMatch(l -> l.startsWith("namespace ipc:["));
        parent.close();
        assertThat(state().moreThan(before)).isEmpty();
    }
}
