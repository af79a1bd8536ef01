package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.pod.Attached;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.ExecResult;
import dev.coracle.pod.Following;
import dev.coracle.pod.Listed;
import dev.coracle.pod.Made;
import dev.coracle.pod.PodSnapshot;
import dev.coracle.pod.Pods;
import dev.coracle.pod.Whereabouts;
import dev.coracle.shim.Session;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Pods that do nothing but hold records, and write down what they were asked. */
public class FakePods implements Pods {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final Map<String, Listed<PodRecord>> pods = new ConcurrentHashMap<>();
    final Map<String, Listed<ContainerRecord>> containers = new ConcurrentHashMap<>();
    final FakeUsages usages = new FakeUsages();
    final Made.Row announcements = new Made.Row();
    Function<Cancellation, ExecResult> exec = cancellation -> Made.execResult(List.of(), List.of(), 0, () -> {});

    FakePods add(PodRecord pod) {
        pods.put(pod.id().value(), Made.listed(pod));
        return this;
    }

    FakePods add(ContainerRecord container) {
        containers.put(container.id().value(), Made.listed(container));
        return this;
    }

    @Override
    public PodId runSandbox(SandboxSpec spec) {
        calls.add("run " + spec.metadata().name());
        return new PodId(Records.id(1));
    }

    @Override
    public void stopSandbox(String id, Cancellation cancellation) {
        calls.add("stop " + id);
    }

    @Override
    public void removeSandbox(String id, Cancellation cancellation) {
        calls.add("remove " + id);
    }

    @Override
    public void updateSandbox(String id, Resources overhead, Resources resources) {
        calls.add("update " + id + " " + overhead.memoryLimit() + " " + resources.cpuShares());
    }

    @Override
    public PodRecord sandbox(String id) {
        return found(pods, "sandbox", id);
    }

    @Override
    public List<Listed<PodRecord>> sandboxes() {
        return List.copyOf(pods.values());
    }

    @Override
    public ContainerId createContainer(String podId, ContainerSpec spec) {
        calls.add("create " + podId + " " + spec.metadata().name());
        return new ContainerId(Records.id(2));
    }

    @Override
    public void startContainer(String id) {
        calls.add("start " + id);
    }

    @Override
    public void stopContainer(String id, Duration grace, Cancellation cancellation) {
        calls.add("stop " + id + " " + grace);
    }

    @Override
    public void removeContainer(String id, Cancellation cancellation) {
        calls.add("remove " + id);
    }

    @Override
    public void updateContainer(String id, Resources resources) {
        calls.add("update " + id + " " + resources.cpuShares());
    }

    @Override
    public void reopenLog(String id) {
        calls.add("reopen " + id);
    }

    @Override
    public ExecResult execSync(String id, List<String> command, Duration timeout, Cancellation cancellation) {
        calls.add("exec " + id + " " + command + " " + timeout);
        return exec.apply(cancellation);
    }

    @Override
    public ContainerRecord container(String id) {
        return found(containers, "container", id);
    }

    @Override
    public List<Listed<ContainerRecord>> containers() {
        return List.copyOf(containers.values());
    }

    @Override
    public PodSnapshot snapshot(String podId) {
        return new PodSnapshot(
                sandbox(podId),
                containers.values().stream()
                        .map(Listed::record)
                        .filter(container -> container.pod().value().equals(podId))
                        .toList());
    }

    @Override
    public Following follow() {
        return announcements.follow();
    }

    @Override
    public FakeUsages usages() {
        return usages;
    }

    @Override
    public Whereabouts whereabouts(String id) {
        return new Whereabouts(4711, 4242, "/run/netns/n", "as it was made", "/run/coracle/pods/p/plans");
    }

    private static <R> R found(Map<String, Listed<R>> records, String kind, String id) {
        Listed<R> listed = records.get(id);
        if (listed == null) {
            throw new NotFound(kind, id);
        }
        return listed.record();
    }

    @Override
    public ContainerId runningContainer(String id) {
        return container(id).id();
    }

    @Override
    public Session exec(StreamSpec.Exec command) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Attached attach(ContainerId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PodId readySandbox(String id) {
        return sandbox(id).id();
    }

    @Override
    public SocketChannel connect(PodId pod, int port) {
        throw new UnsupportedOperationException();
    }
}
