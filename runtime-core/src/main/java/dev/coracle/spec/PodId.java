package dev.coracle.spec;

/** A pod's own id, which CRI calls {@code pod_sandbox_id}: 64 lower-case hex digits. */
public record PodId(String value) implements Comparable<PodId> {
    public PodId {
        value = HexId.checked(value);
    }

    @Override
    public int compareTo(PodId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
