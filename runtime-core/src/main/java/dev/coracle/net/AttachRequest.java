package dev.coracle.net;

import dev.coracle.spec.PodId;
import dev.coracle.spec.SandboxSpec;

/**
 * A pod for which a network is asked, or released.
 *
 * @param spec name, labels, annotations, port mappings, cgroup parent: what plugins may want to know
 * @param netns absolute path at which the pod's network namespace is pinned; empty when it is gone already
 */
public record AttachRequest(PodId pod, SandboxSpec spec, String netns) {}
