package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.linux.SyscallException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Pulls images from registries. Who asks for the same name with the same credentials at the same time shares one pull; layers are
 * shared between pulls of one repository. Works on platform threads of its own; safe for any thread.
 */
public final class Pulls implements AutoCloseable {
    /** So many layers may wait for the disk while others are unpacked: where an image has many small ones, one sync does for these. */
    private static final int SYNCED_TOGETHER = 8;

    private static final Duration THREADS_STAY = Duration.ofSeconds(10);

    private record PullKey(Optional<URI> from, Reference reference, Credentials credentials) {}

    private record LayerKey(
            Optional<URI> from, String repository, Credentials credentials, Digest blob, Digest diffId) {}

    private final Images images;
    private final PullSettings settings;
    private final RegistryHosts hosts;
    private final StallTimer stalls;
    private final HttpClients clients;
    private final DeadHosts dead;
    private final LayerFetch.Workshop workshop;
    private final ExecutorService pullThreads = Executors.newCachedThreadPool(threads("image-pull"));
    private final ExecutorService layerThreads;
    private final SharedWork<PullKey, Image> pulls;
    private final SharedWork<LayerKey, LayerRecord> layers;
    private final Set<PullProgress> underWay = ConcurrentHashMap.newKeySet();

    /** Starts no work yet, but a thread that watches over transfers. */
    public Pulls(Images images, PullSettings settings) {
        this.images = images;
        this.settings = settings;
        this.hosts = new RegistryHosts(settings.hostsDirectory());
        this.stalls = new StallTimer(settings.patience());
        this.clients = new HttpClients(settings.proxies(), stalls);
        this.dead = new DeadHosts(settings.patience().multipliedBy(2));
        this.workshop = new LayerFetch.Workshop(
                settings.limits(),
                new Semaphore(settings.parallelLayers()),
                new PullBuffers(settings.parallelLayers() * ChunkPipe.CHUNKS, ChunkPipe.CHUNK_BYTES),
                new PullBuffers(settings.ranges().count(), settings.ranges().bytes()),
                settings.ranges().quick());
        this.layerThreads = layerThreads(settings.parallelLayers() + SYNCED_TOGETHER);
        this.pulls = new SharedWork<>(pullThreads, _ -> {});
        this.layers = new SharedWork<>(layerThreads, record -> images.layers().release(List.of(record.diffId())));
    }

    /**
     * Starts to pull an image, or joins a pull of it that goes on. Does not wait; the ticket must be awaited or cancelled.
     *
     * @param name as users write it: {@code nginx}, {@code quay.io/a/b:1}, {@code a@sha256:…}
     * @throws InvalidSpec if the name is none
     */
    public PullTicket pull(String name, Credentials credentials) {
        return pull(new PullKey(Optional.empty(), Reference.parse(name), credentials));
    }

    /**
     * The same from this address only, whatever registry the name belongs to.
     *
     * @param from what comes before {@code /NAME/manifests/…}
     */
    public PullTicket pull(String name, URI from) {
        return pull(new PullKey(Optional.of(from), Reference.parse(name), Credentials.NONE));
    }

    private PullTicket pull(PullKey key) {
        return new PullTicket(key.reference().toString(), pulls.join(key, () -> run(key)));
    }

    /** How far each pull is, in no particular order. */
    public List<PullProgress> underWay() {
        return List.copyOf(underWay);
    }

    /**
     * Gives memory that waits for the next pull back to the system.
     *
     * @throws SyscallException as madvise(2)
     */
    public void releaseSpare() throws SyscallException {
        workshop.chunks().release();
        workshop.ranges().release();
    }

    /** Stops all pulls. */
    @Override
    public void close() {
        pullThreads.shutdownNow();
        layerThreads.shutdownNow();
        stalls.close();
        clients.close();
    }

    private Image run(PullKey key) {
        Reference reference = key.reference();
        List<RegistryServer> servers = new ArrayList<>();
        for (RegistryHost host : hosts(key)) {
            HostClient client = clients.clientFor(host);
            Authorization authorization = new Authorization(host, client, key.credentials(), reference.path());
            servers.add(new RegistryServer(host, client, authorization));
        }
        Registry registry = new Registry(reference, settings.limits(), dead, servers);
        Pull.LayerSource source = (from, blob, diffId) -> layers.join(
                new LayerKey(key.from(), reference.name(), key.credentials(), blob.digest(), diffId),
                new LayerFetch(images.layers(), from, blob, diffId, workshop));
        PullProgress progress = new PullProgress(reference.toString());
        underWay.add(progress);
        try {
            return new Pull(new Pull.Order(reference, registry, settings.limits()), images, source, progress).call();
        } finally {
            underWay.remove(progress);
        }
    }

    private List<RegistryHost> hosts(PullKey key) {
        return key.from()
                .map(address -> List.of(RegistryHost.at(address)))
                .orElseGet(() -> hosts.of(key.reference().domain()));
    }

    private static ExecutorService layerThreads(int count) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                count,
                count,
                THREADS_STAY.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads("image-layer"));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    private static ThreadFactory threads(String name) {
        return Thread.ofPlatform().name(name + "-", 1).daemon().factory();
    }
}
