package dev.coracle.cri;

import dev.coracle.proto.v1.MetricType;
import dev.coracle.stats.Figure;
import dev.coracle.stats.GroupFigures;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * One name among the metrics: what it means, and where its values come from. Descriptors and values are both made of it, so that one cannot
 * say what the other does not.
 *
 * @param keys of labels beside those that all have
 * @param samples none where the kernel does not count it
 */
record MetricFamily<S>(
        String name, String help, MetricType type, List<String> keys, Function<S, List<Sample>> samples) {
    static final long NANOS = 1_000_000_000L;

    /**
     * One value.
     *
     * @param labels one for each of the family's own keys
     */
    record Sample(List<String> labels, long value) {
        static List<Sample> only(OptionalLong value) {
            return value.isPresent() ? List.of(new Sample(List.of(), value.getAsLong())) : List.of();
        }
    }

    static MetricFamily<GroupFigures> gauge(String name, Figure figure, String help) {
        return plain(name, help, MetricType.GAUGE, group -> group.of(figure));
    }

    static MetricFamily<GroupFigures> counter(String name, Figure figure, String help) {
        return plain(name, help, MetricType.COUNTER, group -> group.of(figure));
    }

    /** The contract has whole numbers only, so whole seconds. */
    static MetricFamily<GroupFigures> seconds(String name, Figure figure, String help) {
        return plain(name, help, MetricType.COUNTER, group -> seconds(group.of(figure)));
    }

    static OptionalLong seconds(OptionalLong nanos) {
        return nanos.isPresent() ? OptionalLong.of(nanos.getAsLong() / NANOS) : nanos;
    }

    static <S> MetricFamily<S> plain(String name, String help, MetricType type, Function<S, OptionalLong> value) {
        return new MetricFamily<>(name, help, type, List.of(), source -> Sample.only(value.apply(source)));
    }

    /** The same of what has it as a part. */
    <T> MetricFamily<T> of(Function<T, S> part) {
        return new MetricFamily<>(name, help, type, keys, whole -> samples.apply(part.apply(whole)));
    }

    MetricFamily<S> onlyIf(java.util.function.Predicate<S> condition) {
        return new MetricFamily<>(
                name, help, type, keys, source -> condition.test(source) ? samples.apply(source) : List.of());
    }
}
