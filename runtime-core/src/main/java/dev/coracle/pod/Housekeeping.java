package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.linux.Flock;
import dev.coracle.net.AttachmentKey;
import dev.coracle.shim.Reconnected;
import dev.coracle.shim.Shim;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.PodRecord;
import dev.coracle.state.PodState;
import dev.coracle.store.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears away what belongs to nobody: after a start, and what networks hold once a day; and after a start has read what CDI says of the node,
 * and the networks of the pods that it finds checked. Touches nothing whose lock somebody else has. Runs in a thread of its own beside the calls.
 */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final PodId NOBODY = new PodId("0".repeat(64));
    private static final String INTERFACE = "eth0";
    private static final Duration EVERY = Duration.ofDays(1);

    /** What it has begun it ends, and with it the shim that did it: one without a pod would stay until the next start. */
    private static final Duration END = Duration.ofSeconds(2);

    private final Node node;
    private final PodTable table;
    private final Networks networks;
    private final NetworkChecks checks;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("housekeeping").unstarted(this::run);

    Housekeeping(Site site) {
        this.node = site.node();
        this.table = site.table();
        this.networks = site.networks();
        this.checks = new NetworkChecks(site.networks(), List.copyOf(table.pods()));
    }

    static Housekeeping start(Site site) {
        Housekeeping begun = new Housekeeping(site);
        begun.thread.start();
        return begun;
    }

    /** Until it is closed. */
    private void run() {
        try {
            sweepPods();
            sweepLayers();
            node.devices().look();
            collect();
            checks.run(() -> ending.getCount() > 0);
            while (!ending.await(EVERY.toNanos(), TimeUnit.NANOSECONDS)) {
                collect();
            }
        } catch (InterruptedException _) {
            LOG.debug("the daemon is ending");
        }
    }

    /** Waits a moment for what is being done, then interrupts it. */
    @Override
    public void close() {
        ending.countDown();
        try {
            thread.join(END);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }

    /** Directories of pods that were never begun, or whose deletion was cut short. */
    void sweepPods() {
        for (PodId id : node.records().pods()) {
            try {
                if (table.pod(id.value()).isEmpty()
                        && !counts(id)
                        && isFree(node.paths().podLock(id))) {
                    node.records().delete(id);
                    LOG.info("deleted what was left of pod {}", id);
                }
            } catch (RuntimeFailure e) {
                LOG.warn("clear away pod {}: {}", id, e.getMessage());
            }
        }
    }

    /** One that cannot be read counts. */
    private boolean counts(PodId id) {
        try {
            node.records().load(id);
            return true;
        } catch (NotFound _) {
            return false;
        }
    }

    /** Layers of containers that are gone. Another daemon with its own run directory may have used this state directory before. */
    void sweepLayers() {
        for (ContainerId id : node.layers().all()) {
            boolean known = table.container(id.value()).isPresent();
            if (!known && node.layers().lock(id).map(Housekeeping::isFree).orElse(true)) {
                node.layers().discard(id);
                LOG.info("discarded the layer of container {}, which is gone", id);
            }
        }
    }

    private static boolean isFree(Path lock) {
        try {
            Optional<Flock> taken = Flock.tryLock(lock);
            taken.ifPresent(Flock::close);
            return taken.isPresent();
        } catch (IOException e) {
            LOG.warn("try {}: {}", lock, e.getMessage());
            return false;
        }
    }

    /** Releases what networks hold for pods that are gone, as after a reboot. */
    void collect() {
        try {
            Shim shim = shim();
            try {
                boolean complete = networks.collect(this::attached, shim);
                LOG.debug("collected what networks held for nobody: {}", complete);
            } finally {
                shim.quit();
            }
            TreeRemoval.delete(node.paths().housekeeping());
        } catch (RuntimeFailure | IOException e) {
            LOG.warn("collect what networks hold for nobody: {}", e.getMessage());
        }
    }

    private Set<AttachmentKey> attached() {
        Set<AttachmentKey> valid = new HashSet<>();
        for (Pod pod : table.pods()) {
            PodRecord record = pod.view().pod();
            if (Networks.isOwn(record) && mayBeAttached(record)) {
                valid.add(new AttachmentKey(record.id(), interfaceName(record)));
            }
        }
        return valid;
    }

    private static boolean mayBeAttached(PodRecord pod) {
        return switch (pod.state()) {
            case PodState.Creating _, PodState.Ready _ -> true;
            case PodState.Stopping(var phase, var _) -> phase != PodState.Phase.DISMANTLING;
            case PodState.NotReady(var leftover) -> leftover != null;
            case PodState.Removing _ -> false;
        };
    }

    private static String interfaceName(PodRecord pod) {
        List<String> names =
                pod.attachment() == null ? List.of() : pod.attachment().interfaces();
        return names.isEmpty() ? INTERFACE : names.getFirst();
    }

    private Shim shim() {
        Path directory = node.paths().housekeeping();
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new RuntimeFailure.Exhausted("make " + directory, String.valueOf(e.getMessage()), e);
        }
        try {
            return node.shims().open(NOBODY, directory);
        } catch (WrongState e) {
            return node.shims()
                    .reconnect(NOBODY, directory)
                    .map(Reconnected::shim)
                    .orElseThrow(() -> e);
        }
    }
}
