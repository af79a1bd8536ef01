package dev.coracle.net;

import dev.coracle.state.Attachment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives pods their network. Whatever acts is a plan, run in the pod's own shim. May be called from any thread; the caller sees to it
 * that a pod has at most one call under way, and that {@link #collect} has no other beside it.
 */
public interface PodNetwork {
    /** Looks at the configuration; no plugin need run for it. */
    NetworkStatus status();

    /**
     * Connects a pod. When it fails, {@link #detach} is called for what may be half done.
     *
     * @throws dev.coracle.failure.RuntimeFailure.Unavailable if there is no configuration
     */
    Attachment attach(AttachRequest request, PlanRunner runner);

    /**
     * Releases what a pod was given. Succeeds when there is nothing, and when the namespace is gone.
     *
     * @param attachment null where the answer of {@link #attach} was never seen
     */
    void detach(AttachRequest request, @Nullable Attachment attachment, PlanRunner runner);

    /** Fails if a pod's connection is not what it was made as. */
    void check(AttachRequest request, Attachment attachment, PlanRunner runner);

    /**
     * Releases everything that does not belong to {@code valid}: what is left of earlier boots.
     *
     * @return whether it could; else each old attachment wants a {@link #detach} of its own
     */
    boolean collect(Set<AttachmentKey> valid, PlanRunner runner);
}
