package dev.coracle.spec;

/** A container's id: 64 lower-case hex digits, also the last element of its cgroup's path. */
public record ContainerId(String value) implements Comparable<ContainerId> {
    public ContainerId {
        value = HexId.checked(value);
    }

    @Override
    public int compareTo(ContainerId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
