package dev.coracle.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One {@link Rig} for all test classes of the JVM; after each test every pod is removed, and the node must be as it was before. */
final class RigExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(RigExtension.class);
    private static final Duration SETTLING = Duration.ofSeconds(10);

    @Override
    public void beforeEach(ExtensionContext context) {
        Rig rig = rig(context);
        context.getStore(NAMESPACE).put("before", rig.state());
        context.getStore(NAMESPACE).put("faults", faults(rig));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Rig rig = rig(context);
        context.getExecutionException().ifPresent(e -> e.addSuppressed(new DaemonLog(rig.logTail())));
        rig.removeAllPods();
        long faults = Objects.requireNonNullElse(context.getStore(NAMESPACE).remove("faults", Long.class), 0L);
        HostState before = context.getStore(NAMESPACE).remove("before", HostState.class);
        if (before == null || context.getExecutionException().isPresent()) {
            return;
        }
        requireNothingLeft(rig, before);
        if (faults(rig) > faults) {
            throw new AssertionError("the daemon says that it has a fault", new DaemonLog(rig.logTail()));
        }
    }

    /** Lines of its log about what must not happen, memory that nobody gave back among them; the log begins anew with the daemon. */
    private static long faults(Rig rig) {
        return rig.daemon()
                .log()
                .lines()
                .filter(line -> line.contains(" LEAK: ") || line.contains("which is a bug"))
                .count();
    }

    private static void requireNothingLeft(Rig rig, HostState before) {
        try {
            Waiting.untilTrue(
                    "nothing left behind", SETTLING, () -> left(rig, before).isEmpty());
        } catch (IllegalStateException e) {
            List<String> left = left(rig, before);
            if (!left.isEmpty()) {
                throw new AssertionError("left behind:\n  " + String.join("\n  ", left), new DaemonLog(rig.logTail()));
            }
        }
    }

    private static List<String> left(Rig rig, HostState before) {
        return rig.state().moreThan(before);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Rig.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return rig(context);
    }

    private static Rig rig(ExtensionContext context) {
        return Optional.ofNullable(context.getRoot()
                        .getStore(NAMESPACE)
                        .computeIfAbsent("rig", k -> Rig.start(Path.of("target", "nodes")), Rig.class))
                .orElseThrow();
    }

    /** Carries the end of the daemon's log into the report of a failed test. */
    private static final class DaemonLog extends RuntimeException {
        private static final long serialVersionUID = 1;

        DaemonLog(String log) {
            super("the daemon's log ends so:\n" + log, null, false, false);
        }
    }
}
