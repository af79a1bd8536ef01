package dev.coracle.pod;

import dev.coracle.net.AttachRequest;
import dev.coracle.net.AttachmentKey;
import dev.coracle.net.PodNetwork;
import dev.coracle.shim.Shim;
import dev.coracle.state.Attachment;
import dev.coracle.state.PodRecord;
import dev.coracle.store.StorePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Calls of the network for pods. Any thread; garbage collection, which must not see a pod half attached, has the write side of a lock whose
 * read side the other calls have.
 */
final class Networks {
    private static final Path OWN_NAMESPACE = Path.of("/proc/self/ns/net");

    private final PodNetwork network;
    private final StorePaths paths;
    private final ReadWriteLock collecting = new ReentrantReadWriteLock();

    Networks(PodNetwork network, StorePaths paths) {
        this.network = network;
        this.paths = paths;
    }

    /** Connects a pod, until {@code work} is doomed. */
    Attachment attach(PodRecord pod, Work work, Shim shim) {
        collecting.readLock().lock();
        try {
            return network.attach(request(pod), (plan, deadline) -> work.execute(shim, plan, deadline));
        } finally {
            collecting.readLock().unlock();
        }
    }

    /** Fails if a pod's connection is not what it was made as, or {@code work} is doomed. */
    void check(PodRecord pod, Work work, Shim shim) {
        Attachment attachment = pod.attachment();
        if (attachment == null) {
            return;
        }
        collecting.readLock().lock();
        try {
            network.check(request(pod), attachment, (plan, deadline) -> work.execute(shim, plan, deadline));
        } finally {
            collecting.readLock().unlock();
        }
    }

    /** Releases what a pod has, or may have. Nothing to do for a pod on the host's network. */
    void detach(PodRecord pod, Shim shim) {
        if (!isOwn(pod)) {
            return;
        }
        collecting.readLock().lock();
        try {
            network.detach(request(pod), pod.attachment(), shim::execute);
        } finally {
            collecting.readLock().unlock();
        }
    }

    /** Releases what belongs to none of these, who are asked for when no pod is being attached. */
    boolean collect(Supplier<Set<AttachmentKey>> valid, Shim shim) {
        collecting.writeLock().lock();
        try {
            return network.collect(valid.get(), shim::execute);
        } finally {
            collecting.writeLock().unlock();
        }
    }

    static boolean isOwn(PodRecord pod) {
        return !pod.spec().security().namespaces().hostNetwork();
    }

    /** A namespace that is gone has no path: plugins then release what they keep elsewhere. */
    private AttachRequest request(PodRecord pod) {
        Path netns = paths.netns(pod.id());
        return new AttachRequest(pod.id(), pod.spec(), isNamespace(netns) ? netns.toString() : "");
    }

    /** Not what is left of a pin when its mount is gone: an ordinary file. All namespaces are files of one file system. */
    private static boolean isNamespace(Path path) {
        try {
            return Files.getAttribute(path, "unix:dev").equals(Files.getAttribute(OWN_NAMESPACE, "unix:dev"));
        } catch (IOException _) {
            return false;
        }
    }
}
