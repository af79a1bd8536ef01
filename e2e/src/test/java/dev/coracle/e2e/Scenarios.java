package dev.coracle.e2e;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests without Maven, for the VMs: those tagged "vm", or the classes named, those of other packages in full, or single methods
 * ({@code CLASS#METHOD}); a line for each, and at the end how many passed.
 */
public final class Scenarios {
    private Scenarios() {}

    public static void main(String[] arguments) {
        List<String> names = List.of(arguments);
        Report report = new Report(System.out);
        LauncherFactory.create().execute(request(names), report);
        System.exit(report.close() ? 0 : 1);
    }

    private static LauncherDiscoveryRequest request(List<String> names) {
        LauncherDiscoveryRequestBuilder builder = LauncherDiscoveryRequestBuilder.request();
        if (names.isEmpty() || names.equals(List.of("all"))) {
            return builder.selectors(selectPackage(Scenarios.class.getPackageName()))
                    .filters(TagFilter.includeTags("vm"))
                    .build();
        }
        List<DiscoverySelector> selectors = new ArrayList<>();
        names.forEach(name -> selectors.add(selector(name)));
        return builder.selectors(selectors).build();
    }

    private static DiscoverySelector selector(String name) {
        String full = name.contains(".") ? name : Scenarios.class.getPackageName() + "." + name;
        return full.contains("#") ? selectMethod(full) : selectClass(full);
    }

    /** Writes results as they come. Called by one thread. */
    private static final class Report implements TestExecutionListener {
        private final PrintStream out;
        private final Map<String, Long> begun = new HashMap<>();
        private int passed;
        private int failed;
        private int skipped;

        Report(PrintStream out) {
            this.out = out;
        }

        @Override
        public void executionStarted(TestIdentifier test) {
            begun.put(test.getUniqueId(), System.nanoTime());
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            skipped++;
            out.println("skipped " + name(test) + ": " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
                executionSkipped(
                        test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
                return;
            }
            boolean good = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            if (test.isContainer() && good) {
                return;
            }
            passed += good ? 1 : 0;
            failed += good ? 0 : 1;
            long millis = Duration.ofNanos(
                            System.nanoTime() - begun.getOrDefault(test.getUniqueId(), System.nanoTime()))
                    .toMillis();
            out.println((good ? "passed " : "FAILED ") + name(test) + " (" + millis + " ms)");
            result.getThrowable().ifPresent(e -> e.printStackTrace(out));
        }

        private static String name(TestIdentifier test) {
            return test.getSource()
                    .map(Object::toString)
                    .filter(s -> s.contains("methodName"))
                    .map(s -> s.replaceAll(".*className = '([^']*\\.)?([^'.]*)', methodName = '([^']*)'.*", "$2.$3"))
                    .orElse(test.getDisplayName());
        }

        boolean close() {
            out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
            return failed == 0 && passed > 0;
        }
    }
}
