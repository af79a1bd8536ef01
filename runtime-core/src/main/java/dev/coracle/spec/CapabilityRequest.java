package dev.coracle.spec;

import java.util.List;

/**
 * Changes to the default capabilities (CRI {@code Capability}). Names with or without {@code CAP_}, in any case;
 * {@code ALL} stands for all there are.
 *
 * @param add put into the bounding, permitted and effective sets
 * @param drop taken out again; {@code drop} of {@code ALL} comes before {@code add} of names
 * @param addAmbient put into all five sets, so that they survive the change to another user
 */
public record CapabilityRequest(List<String> add, List<String> drop, List<String> addAmbient) {
    public static final CapabilityRequest NONE = new CapabilityRequest(List.of(), List.of(), List.of());

    public CapabilityRequest {
        add = List.copyOf(add);
        drop = List.copyOf(drop);
        addAmbient = List.copyOf(addAmbient);
    }
}
