package dev.coracle.net;

import dev.coracle.spec.PodId;

/** By what a network knows one attachment: the pod, and the interface's name inside it ({@code eth0}). */
public record AttachmentKey(PodId pod, String interfaceName) {}
