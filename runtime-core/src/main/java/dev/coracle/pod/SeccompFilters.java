package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.linux.SeccompCompiler;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.SeccompFlag;
import dev.coracle.planner.Host;
import dev.coracle.planner.ProfileRules;
import dev.coracle.planner.SeccompFilter;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SecurityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compiled seccomp filters, each compiled once. A concurrent map of futures; any thread. Nodes have few different profiles, but a client
 * that makes up a new one for every container must not fill the memory.
 */
final class SeccompFilters {
    private static final int KEPT = 64;

    /** By what a container's filter is decided: the profile, its content, and the capabilities that open some calls. */
    private record Key(SecurityProfile profile, String content, CapabilityRequest capabilities, boolean privileged) {}

    private final Host host;
    private final Map<Record, CompletableFuture<Optional<SeccompFilter>>> filters = new ConcurrentHashMap<>();

    SeccompFilters(Host host) {
        this.host = host;
    }

    /**
     * The filter of a container; null for none.
     *
     * @throws InvalidSpec if a profile of the node's own cannot be read or compiled
     */
    @Nullable
    SeccompFilter of(ContainerSecurity security) {
        String content =
                ProfileRules.localhostFile(security).map(SeccompFilters::read).orElse("");
        Key key = new Key(security.seccomp(), content, security.capabilities(), security.privileged());
        return of(key, () -> ProfileRules.seccomp(security, host, content)).orElse(null);
    }

    /** The filter of a pod's init; null for none. */
    @Nullable
    SeccompFilter ofInit(SandboxSecurity security) {
        return ProfileRules.ofInit(security, host)
                .flatMap(profile -> of(profile, () -> Optional.of(profile)))
                .orElse(null);
    }

    private Optional<SeccompFilter> of(Record key, Supplier<Optional<SeccompProfile>> profile) {
        CompletableFuture<Optional<SeccompFilter>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<SeccompFilter>> first = filters.putIfAbsent(key, mine);
        if (first == null) {
            make(key, mine, profile);
            first = mine;
        }
        return joined(first);
    }

    private void make(
            Record key, CompletableFuture<Optional<SeccompFilter>> future, Supplier<Optional<SeccompProfile>> profile) {
        if (filters.size() > KEPT) {
            filters.keySet().removeIf(other -> !other.equals(key));
        }
        try {
            future.complete(profile.get().map(SeccompFilters::compile));
        } catch (RuntimeException e) {
            filters.remove(key, future);
            future.completeExceptionally(e);
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new InvalidSpec("linux.security_context.seccomp.localhost_ref", "cannot be read: " + e);
        }
    }

    /** Milliseconds in native code, during which a virtual thread would hold its carrier. */
    private static SeccompFilter compile(SeccompProfile profile) {
        CompletableFuture<byte[]> program = new CompletableFuture<>();
        Thread.ofPlatform().name("seccomp").start(() -> {
            try {
                program.complete(SeccompCompiler.compile(profile));
            } catch (RuntimeException e) {
                program.completeExceptionally(e);
            }
        });
        return new SeccompFilter(
                Bytes.of(joined(program)),
                profile.flags().stream().map(SeccompFlag::valueOf).collect(Collectors.toSet()));
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }
}
