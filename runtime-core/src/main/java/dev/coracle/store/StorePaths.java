package dev.coracle.store;

import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import java.nio.file.Path;

/**
 * Where everything lies on disk.
 *
 * <pre>
 * RUN (a tmpfs: ends with the boot)              STATE (a disk)
 *   lock           the daemon's                    lock                    the daemon's
 *   spawner.lock   its spawner's                   past/ID                 an epitaph for each pod
 *   boot           the boot's id                   networks/ID             what pods hold of their networks
 *   housekeeping/  a shim for no pod
 *   pods/ID/                                       writable/ID/            a container's own layer
 *     lock         the shim's                        upper, work           for overlay
 *     spec         what was asked for                lock                  leads to the lock of the pod
 *     record       what has become of it           discarded/              trees about to be deleted
 *     shim.sock, plans/, exits/   the shim's       images/                 what is pulled
 *     hostname, hosts, resolv.conf
 *     containers/ID/spec, record, bundle
 * </pre>
 *
 * @param run absolute
 * @param state absolute
 */
public record StorePaths(Path run, Path state) {
    /** Where the network namespaces of pods are pinned: CNI daemons look for them there. */
    private static final Path NETNS = Path.of("/run/netns");

    public Path runLock() {
        return run.resolve("lock");
    }

    public Path bootId() {
        return run.resolve("boot");
    }

    /** Of the shim that works for no pod. */
    public Path housekeeping() {
        return run.resolve("housekeeping");
    }

    public Path pods() {
        return run.resolve("pods");
    }

    public Path pod(PodId pod) {
        return pods().resolve(pod.value());
    }

    public Path podLock(PodId pod) {
        return pod(pod).resolve("lock");
    }

    Path spec(PodId pod) {
        return pod(pod).resolve("spec");
    }

    Path record(PodId pod) {
        return pod(pod).resolve("record");
    }

    public Path hostname(PodId pod) {
        return pod(pod).resolve("hostname");
    }

    public Path hosts(PodId pod) {
        return pod(pod).resolve("hosts");
    }

    public Path resolvConf(PodId pod) {
        return pod(pod).resolve("resolv.conf");
    }

    /** What the shim writes when a container has ended. */
    public Path exit(PodId pod, ContainerId container) {
        return pod(pod).resolve("exits").resolve(container.value());
    }

    Path containers(PodId pod) {
        return pod(pod).resolve("containers");
    }

    Path container(PodId pod, ContainerId container) {
        return containers(pod).resolve(container.value());
    }

    Path spec(PodId pod, ContainerId container) {
        return container(pod, container).resolve("spec");
    }

    Path record(PodId pod, ContainerId container) {
        return container(pod, container).resolve("record");
    }

    public Path netns(PodId pod) {
        return NETNS.resolve("coracle-" + pod.value());
    }

    public Path stateLock() {
        return state.resolve("lock");
    }

    Path past() {
        return state.resolve("past");
    }

    Path epitaph(PodId pod) {
        return past().resolve(pod.value());
    }

    /** What pods hold of their networks; the network's own. */
    public Path networks() {
        return state.resolve("networks");
    }

    /** The image store's own. */
    public Path images() {
        return state.resolve("images");
    }

    Path writable() {
        return state.resolve("writable");
    }

    /** A container's own layer, with {@link #upper} and {@link #work} in it. */
    public Path writable(ContainerId container) {
        return writable().resolve(container.value());
    }

    public Path upper(ContainerId container) {
        return writable(container).resolve("upper");
    }

    public Path work(ContainerId container) {
        return writable(container).resolve("work");
    }

    Path writableLock(ContainerId container) {
        return writable(container).resolve("lock");
    }

    Path discarded() {
        return state.resolve("discarded");
    }
}
