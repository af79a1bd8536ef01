package dev.coracle.e2e;

import dev.coracle.e2e.images.TestImages;
import dev.coracle.proto.v1.ContainerState;
import dev.coracle.proto.v1.ListContainersRequest;
import dev.coracle.proto.v1.PodSandboxState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A node with the daemon and a kubelet that uses it. */
record KubeletRig(Rig rig, Kubelet kubelet, HostState before, Map<String, StaticPod> pods) implements AutoCloseable {
    private static final AtomicInteger APPLIED = new AtomicInteger();
    private static final String UID = "io.kubernetes.pod.uid";

    static KubeletRig start() {
        Rig rig = Rig.start(Path.of("target", "nodes"));
        try {
            HostState before = rig.state();
            Kubelet kubelet = Kubelet.on(rig.node(), rig.daemon());
            kubelet.start(Map.of());
            return new KubeletRig(rig, kubelet, before, new ConcurrentHashMap<>());
        } catch (RuntimeException e) {
            rig.close();
            throw e;
        }
    }

    /** Wants the pod of this manifest; the folder ${dir} in it is new. */
    StaticPod apply(String name) {
        return apply(name, Map.of());
    }

    /** The same, with files in that folder: name and content. */
    StaticPod apply(String manifest, Map<String, String> files) {
        // Kubelets take their time before they run a pod of a name that another one had just now.
        String name = manifest + "-" + APPLIED.incrementAndGet();
        StaticPod pod = new StaticPod(this, name, rig.folder(name));
        files.forEach(pod::write);
        kubelet.put(
                name,
                StaticPod.manifest(manifest)
                        .replace("{name: " + manifest, "{name: " + name)
                        .replace("${dir}", pod.dir().toString())
                        .replace("${uid}", UUID.randomUUID().toString())
                        .replace("${whiteouts}", TestImages.name("whiteouts:1"))
                        .replace("${busybox}", TestImages.BUSYBOX));
        pods.put(name, pod);
        return pod;
    }

    /** Wants the pod changed: where its manifest says one thing, it says another now. */
    void change(StaticPod pod, String old, String now) {
        String manifest = kubelet.manifest(pod.name());
        if (!manifest.contains(old)) {
            throw new IllegalArgumentException("the manifest of " + pod.name() + " does not say " + old);
        }
        kubelet.put(pod.name(), manifest.replace(old, now));
    }

    /** Whether anything of a pod runs, as the runtime knows it: a kubelet forgets pods before they have ended. */
    boolean runs(String uid) {
        return rig
                        .client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList()
                        .stream()
                        .anyMatch(c -> c.getLabelsOrDefault(UID, "").equals(uid)
                                && c.getState() == ContainerState.CONTAINER_RUNNING)
                || rig.client().pods().stream()
                        .anyMatch(p ->
                                p.getMetadata().getUid().equals(uid) && p.getState() == PodSandboxState.SANDBOX_READY);
    }

    /** The groups that the kubelet has made for pods and that are still there. */
    List<Path> cgroupsOfPods() {
        return PodCgroup.hierarchies().stream()
                .flatMap(root -> PodCgroup.groupsBelow(
                        root.resolve(rig.node().cgroupParent().substring(1)))
                        .stream())
                .filter(group -> group.getFileName().toString().startsWith("pod"))
                .toList();
    }

    /** Takes all manifests away and waits until the kubelet has ended the pods. */
    void deleteAll() {
        pods.keySet().forEach(kubelet::delete);
        Waiting.untilTrue(
                "end of all pods",
                StaticPod.LIMIT,
                () -> rig.client().pods().stream().allMatch(p -> p.getState() == PodSandboxState.SANDBOX_NOTREADY));
        pods.clear();
    }

    /** Ends all pods by their kubelet, ends the kubelet, and says what is on the node that was not there before. */
    List<String> leftAfterEnd() {
        deleteAll();
        // A kubelet forgets a pod before its collector, once a minute, removes the pod's remains from the runtime.
        kubelet.stop();
        rig.removeAllPods();
        kubelet.close();
        Set<String> left = new TreeSet<>(rig.state().moreThan(before));
        return List.copyOf(left);
    }

    @Override
    public void close() {
        rig.close();
    }
}
