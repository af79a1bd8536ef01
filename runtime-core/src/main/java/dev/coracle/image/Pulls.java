package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * Pulls images from registries. Who asks for the same name with the same credentials at the same time shares one pull; layers are
 * shared between pulls of one repository. Works on platform threads of its own; safe for any thread.
 */
public final class Pulls implements AutoCloseable {
    private record PullKey(String reference, Credentials credentials) {}

    private record LayerKey(String repository, Credentials credentials, Digest blob, Digest diffId) {}

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
                new ConcurrentLinkedQueue<ByteBuffer>(),
                new RangeBuffers(settings.ranges(), settings.rangeBytes()));
        this.layerThreads = Executors.newFixedThreadPool(settings.parallelLayers(), threads("image-layer"));
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
        Reference reference = Reference.parse(name);
        PullKey key = new PullKey(reference.toString(), credentials);
        return new PullTicket(reference.toString(), pulls.join(key, () -> run(reference, credentials)));
    }

    /** Stops all pulls. */
    @Override
    public void close() {
        pullThreads.shutdownNow();
        layerThreads.shutdownNow();
        stalls.close();
        clients.close();
    }

    private Image run(Reference reference, Credentials credentials) {
        List<RegistryServer> servers = new ArrayList<>();
        for (RegistryHost host : hosts.of(reference.domain())) {
            HostClient client = clients.clientFor(host);
            Authorization authorization = new Authorization(host, client, credentials, reference.path());
            servers.add(new RegistryServer(host, client, authorization));
        }
        Registry registry = new Registry(reference, settings.limits(), dead, servers);
        Pull.LayerSource source = (from, blob, diffId) -> layers.join(
                new LayerKey(reference.name(), credentials, blob.digest(), diffId),
                new LayerFetch(images.layers(), from, blob, diffId, workshop));
        return new Pull(reference, registry, images, settings.limits(), source).call();
    }

    private static ThreadFactory threads(String name) {
        return Thread.ofPlatform().name(name + "-", 1).daemon().factory();
    }
}
