package dev.coracle.pod;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds where two specs differ, for a message. */
final class SpecDifference {
    private SpecDifference() {}

    /** The first field that is not the same in both, as CRI writes names: {@code mounts[1].host_path}; empty if all are. */
    static Optional<String> between(Record one, Record other) {
        return between(one, other, "");
    }

    private static Optional<String> between(@Nullable Object one, @Nullable Object other, String place) {
        if (Objects.equals(one, other)) {
            return Optional.empty();
        }
        if (one instanceof Record a && other instanceof Record b && a.getClass() == b.getClass()) {
            return betweenRecords(a, b, place);
        }
        if (one instanceof List<?> a && other instanceof List<?> b && a.size() == b.size()) {
            return betweenLists(a, b, place);
        }
        return Optional.of(place);
    }

    private static Optional<String> betweenRecords(Record one, Record other, String place) {
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            String name = (place.isEmpty() ? "" : place + ".") + snakeCase(component.getName());
            Optional<String> found = between(value(component, one), value(component, other), name);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.of(place);
    }

    private static Optional<String> betweenLists(List<?> one, List<?> other, String place) {
        for (int i = 0; i < one.size(); i++) {
            Optional<String> found = between(one.get(i), other.get(i), place + "[" + i + "]");
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.of(place);
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record without its accessor: " + component, e);
        }
    }

    private static String snakeCase(String name) {
        return name.replaceAll("(?<=[a-z0-9])([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
