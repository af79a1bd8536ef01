package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProgramAnswer;
import dev.coracle.planner.AppArmorProfile;
import dev.coracle.planner.Host;
import dev.coracle.planner.ProfileRules;
import dev.coracle.spec.ContainerSecurity;
import dev.coracle.spec.SecurityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AppArmor profiles that this node's kernel has. Profiles come and go without us, so the kernel is asked each time one is wanted.
 * Any thread: loading twice is the same as once.
 */
final class AppArmor {
    private static final Logger LOG = LoggerFactory.getLogger(AppArmor.class);
    private static final Path LOADED = Path.of("/sys/kernel/security/apparmor/profiles");
    private static final List<Path> PARSERS =
            List.of(Path.of("/usr/sbin/apparmor_parser"), Path.of("/sbin/apparmor_parser"));
    private static final String FIELD = "linux.security_context.apparmor.localhost_ref";

    private final Host host;
    private final AtomicBoolean warned = new AtomicBoolean();

    AppArmor(Host host) {
        this.host = host;
    }

    /**
     * Refuses what could not be started.
     *
     * @throws InvalidSpec if the kernel does not have the profile
     */
    void check(ContainerSecurity security) {
        if (ProfileRules.apparmor(security, host) instanceof SecurityProfile.Localhost(String name)
                && !isLoaded(name)) {
            throw new InvalidSpec(
                    FIELD, "AppArmor profile " + name + " is not loaded on this node; apparmor_parser loads it");
        }
    }

    /**
     * Has the kernel take Coracle's own profile, where it is wanted and not there.
     *
     * @param execute carries a plan out
     * @throws Unavailable if the parser refuses it
     */
    void load(ContainerSecurity security, Function<Plan, Answers> execute) {
        boolean wanted = ProfileRules.apparmor(security, host) instanceof SecurityProfile.RuntimeDefault;
        if (!wanted || isLoaded(AppArmorProfile.NAME)) {
            return;
        }
        Optional<Path> parser = PARSERS.stream().filter(Files::isExecutable).findFirst();
        if (parser.isEmpty()) {
            warnOnce();
            return;
        }
        ProgramAnswer answer =
                execute.apply(AppArmorProfile.load(parser.get().toString())).program(AppArmorProfile.ANSWER);
        if (answer.exitCode() != 0 || answer.timedOut()) {
            throw new Unavailable(
                    "load AppArmor profile " + AppArmorProfile.NAME,
                    parser.get() + ": exit code " + answer.exitCode() + ": "
                            + answer.stderr().utf8().strip());
        }
        LOG.info("loaded AppArmor profile {}", AppArmorProfile.NAME);
    }

    private void warnOnce() {
        if (!warned.getAndSet(true)) {
            LOG.warn(
                    "containers run without an AppArmor profile: there is no apparmor_parser to load {}",
                    AppArmorProfile.NAME);
        }
    }

    /** The profile that the container's programs are executed under; empty for none. */
    String profile(ContainerSecurity security) {
        return switch (ProfileRules.apparmor(security, host)) {
            case SecurityProfile.Unconfined _, SecurityProfile.DefaultIfAny _ -> "";
            case SecurityProfile.Localhost(String name) -> name;
            case SecurityProfile.RuntimeDefault _ -> isLoaded(AppArmorProfile.NAME) ? AppArmorProfile.NAME : "";
        };
    }

    /** Lines are {@code NAME (MODE)}; a name may hold spaces. */
    private static boolean isLoaded(String name) {
        try (Stream<String> lines = Files.lines(LOADED)) {
            return lines.anyMatch(line -> line.startsWith(name + " (") && line.indexOf('(', name.length() + 2) < 0);
        } catch (IOException e) {
            throw new Unavailable("look for AppArmor profile " + name, "read " + LOADED + ": " + e.getMessage(), e);
        }
    }
}
