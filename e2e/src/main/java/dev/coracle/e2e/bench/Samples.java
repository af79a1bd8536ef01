package dev.coracle.e2e.bench;

import dev.coracle.e2e.CriClient;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Durations in nanoseconds, by what took so long, in the order of first appearance. One thread. */
final class Samples {
    private final Map<String, List<Long>> byName = new LinkedHashMap<>();

    /** Times a call under this name. */
    <T> T time(String name, Supplier<T> call) {
        long begin = System.nanoTime();
        T result = call.get();
        add(name, System.nanoTime() - begin);
        return result;
    }

    void time(String name, Runnable work) {
        long begin = System.nanoTime();
        work.run();
        add(name, System.nanoTime() - begin);
    }

    /** Makes a call, timed under the name of its method. */
    <Q, A> A time(CriClient client, MethodDescriptor<Q, A> method, Q request) {
        TimedCall<A> call = TimedCall.of(client, method, request);
        add(String.valueOf(method.getBareMethodName()), call.nanos());
        return call.answer();
    }

    void add(String name, long nanos) {
        byName.computeIfAbsent(name, k -> new ArrayList<>()).add(nanos);
    }

    /** For each name in turn, the latest sample of each summed up under another name. */
    void addSumOfLast(String name, List<String> parts) {
        add(
                name,
                parts.stream()
                        .mapToLong(p -> byName.getOrDefault(p, List.of(0L)).getLast())
                        .sum());
    }

    List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** The value below which this share of the samples lies, in nanoseconds. */
    double quantile(String name, double share) {
        List<Long> sorted = new ArrayList<>(byName.getOrDefault(name, List.of()));
        if (sorted.isEmpty()) {
            return Double.NaN;
        }
        Collections.sort(sorted);
        return sorted.get((int) Math.min(sorted.size() - 1.0, Math.floor(share * sorted.size())));
    }

    double medianMillis(String name) {
        return quantile(name, 0.5) / 1e6;
    }

    double p90Millis(String name) {
        return quantile(name, 0.9) / 1e6;
    }
}
