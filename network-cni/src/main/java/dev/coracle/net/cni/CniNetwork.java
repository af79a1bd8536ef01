package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.net.AttachRequest;
import dev.coracle.net.AttachmentKey;
import dev.coracle.net.NetworkStatus;
import dev.coracle.net.PlanRunner;
import dev.coracle.net.PodNetwork;
import dev.coracle.net.cni.ConfigurationDirectory.Reading;
import dev.coracle.spec.PodId;
import dev.coracle.state.Attachment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pod networks by CNI plugins (CNI specification 1.1). Holds no state of its own between calls but the notes on disk: the
 * configuration is read anew at each, and calls for different pods may meet. That one pod sees one call at a time is its
 * caller's affair.
 */
public final class CniNetwork implements PodNetwork {
    private static final String REASON = "NetworkPluginNotReady";

    private final ConfigurationDirectory configuration;
    private final Map<String, ConfigurationDirectory> configurations = new HashMap<>();
    private final PluginPath path;
    private final AttachmentNotes notes;

    /**
     * Looks for nothing yet.
     *
     * @param configuration directory of network configurations
     * @param ofHandlers runtime handlers whose pods have another such directory
     * @param notes a directory on a disk that outlives a reboot
     */
    public CniNetwork(Path configuration, Map<String, Path> ofHandlers, List<Path> plugins, Path notes) {
        this.configuration = new ConfigurationDirectory(configuration);
        ofHandlers.forEach((handler, directory) -> configurations.put(handler, new ConfigurationDirectory(directory)));
        this.path = new PluginPath(plugins);
        this.notes = new AttachmentNotes(notes);
    }

    /** Of the network that pods without a handler of their own network get: the node's. */
    @Override
    public NetworkStatus status() {
        return switch (configuration.read()) {
            case Reading.Missing(String reason) -> new NetworkStatus(false, REASON, reason, "");
            case Reading.Found(NetworkConfiguration network, Path file) -> status(network, file);
        };
    }

    private NetworkStatus status(NetworkConfiguration network, Path file) {
        List<String> missing = network.plugins().stream()
                .map(Plugin::type)
                .filter(type -> path.find(type).isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return new NetworkStatus(true, "", "", network.text());
        }
        String message = "network " + network.name() + " of " + file + ": no program " + String.join(", ", missing)
                + " in " + path.variable();
        return new NetworkStatus(false, REASON, message, network.text());
    }

    @Override
    public Attachment attach(AttachRequest request, PlanRunner runner) {
        Attached intent = Attached.intent(
                current(request.spec().runtimeHandler()), request.pod().value(), request.spec());
        notes.write(request.pod(), intent);
        CniResult result = calls(intent, request.pod(), request.netns(), runner).add();
        Attached attached = intent.with(result);
        notes.write(request.pod(), attached);
        return new Attachment(result.addresses(), result.interfaces(), attached.text());
    }

    /** What was not noted was never added: the note is written before ADD. */
    @Override
    public void detach(AttachRequest request, @Nullable Attachment attachment, PlanRunner runner) {
        Optional<Attached> known =
                attachment == null ? notes.read(request.pod()) : Optional.of(attached(request.pod(), attachment));
        if (known.isPresent()) {
            calls(known.get(), request.pod(), request.netns(), runner).delete();
            notes.remove(request.pod());
        }
    }

    @Override
    public void check(AttachRequest request, Attachment attachment, PlanRunner runner) {
        Attached attached = attached(request.pod(), attachment);
        NetworkConfiguration network = attached.network();
        if (attached.result() != null && network.atLeast(0, 4) && !network.disableCheck()) {
            calls(attached, request.pod(), request.netns(), runner).check();
        }
    }

    /**
     * Gives back what pods hold that are not any more: DEL for each that is noted and not valid, then GC for what only the
     * plugins know of (CNI specification 1.1, section 2).
     */
    @Override
    public boolean collect(Set<AttachmentKey> valid, PlanRunner runner) {
        Set<PodId> pods = valid.stream().map(AttachmentKey::pod).collect(Collectors.toSet());
        for (PodId pod : notes.pods()) {
            Optional<Attached> stale = pods.contains(pod) ? Optional.empty() : notes.read(pod);
            if (stale.isPresent()) {
                calls(stale.get(), pod, "", runner).delete();
                notes.remove(pod);
            }
        }
        Set<String> seen = new HashSet<>();
        collect(configuration, seen, valid, runner);
        configurations.values().forEach(other -> collect(other, seen, valid, runner));
        return true;
    }

    /** Handlers may share a network: its plugins are asked once. */
    private void collect(
            ConfigurationDirectory directory, Set<String> seen, Set<AttachmentKey> valid, PlanRunner runner) {
        if (directory.read() instanceof Reading.Found(NetworkConfiguration network, Path file)
                && network.atLeast(1, 1)
                && !network.disableGc()
                && seen.add(network.name())) {
            PluginCalls.collect(network, path, valid, runner);
        }
    }

    private PluginCalls calls(Attached attached, PodId pod, String netns, PlanRunner runner) {
        return new PluginCalls(attached, pod, netns, path, runner);
    }

    private NetworkConfiguration current(String handler) {
        return switch (configurations.getOrDefault(handler, configuration).read()) {
            case Reading.Found(NetworkConfiguration network, Path file) -> network;
            case Reading.Missing(String reason) -> throw new Unavailable("attach pod to a network", reason);
        };
    }

    private static Attached attached(PodId pod, Attachment attachment) {
        return Attached.parse(attachment.result(), "record of pod " + pod.value());
    }
}
