package dev.coracle.e2e;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a kubelet logs as an error that is no fault of the runtime's. */
final class KubeletErrors {
    private KubeletErrors() {}

    /** What the machine lacks, or an API server would know. */
    private static final Stream<String> NODE = Stream.of(
            "Failed to set rlimit on max file handles",
            "failed to find pid namespace of init process",
            "no imagefs label for configured runtime",
            "failed to check if node is newer; using informer node",
            "checkpoint is not found");

    /** What is asked too early, too late, or is no longer of interest to who asked. */
    private static final Stream<String> TIMES = Stream.of(
            "Skipping pod synchronization.* may not have completed yet",
            "ContainerStatus from runtime service failed.* code = NotFound ",
            "code = Canceled desc = context canceled",
            "exec in container [a-z-]*: the container has ended meanwhile",
            "exec in container [a-z-]*: it is [a-z]*, not running");

    /** What the pods of the tests do on purpose. */
    private static final Stream<String> PODS = Stream.of(
            "no-program",
            "127.0.0.1:5000/no/such:1",
            "RegistryUnavailable: .*127.0.0.1:1/no:1",
            "StartContainer.* with CrashLoopBackOff",
            "ImageVolumeMountFailed: ",
            "ExecSync.*DeadlineExceeded desc = exec in container slow: not done after 1000 ms");

    static final List<Pattern> HARMLESS =
            Stream.of(NODE, TIMES, PODS).flatMap(s -> s).map(Pattern::compile).toList();
}
