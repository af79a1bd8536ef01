package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One rule of a profile while it is read. Confined to the reader that makes it. */
final class SeccompRuleDraft {
    /** Where a rule applies: everything named must hold. */
    static final class Condition {
        final List<String> capabilities = new ArrayList<>();
        final List<String> architectures = new ArrayList<>();

        @Nullable
        KernelRelease minKernel;
    }

    final List<String> names = new ArrayList<>();
    final List<SeccompArg> args = new ArrayList<>();

    @Nullable
    SeccompAction action;

    int errno = -1;
    Condition includes = new Condition();
    Condition excludes = new Condition();

    /** Docker writes an errno by name where it is ENOSYS or EPERM; {@code errnoRet} has the number in any case. */
    void errnoName(String name) {
        if (errno < 0) {
            errno = name.equals("ENOSYS") ? 38 : 1;
        }
    }

    /** Empty for a rule without names. An errno that is not given is EPERM, whatever the profile's default, as runc has it. */
    Optional<SeccompRule> finish(String field) {
        if (names.isEmpty()) {
            return Optional.empty();
        }
        if (action == null) {
            throw new InvalidSpec(field, "the rule for " + names.getFirst() + " has no action");
        }
        return Optional.of(new SeccompRule(names, action, errno < 0 ? 1 : errno, args));
    }

    boolean applies(CapabilitySet granted, Host host) {
        boolean included = includes.capabilities.stream().allMatch(name -> has(granted, name))
                && (includes.architectures.isEmpty() || names(includes.architectures, host))
                && (includes.minKernel == null || reached(includes.minKernel, host));
        boolean excluded = excludes.capabilities.stream().anyMatch(name -> has(granted, name))
                || names(excludes.architectures, host)
                || (excludes.minKernel != null && reached(excludes.minKernel, host));
        return included && !excluded;
    }

    private static boolean has(CapabilitySet granted, String name) {
        return granted.names().contains(name);
    }

    /** Conditions use Go's names of architectures. */
    private static boolean names(List<String> architectures, Host host) {
        return switch (host.architecture()) {
            case X86_64 -> architectures.contains("amd64");
            case AARCH64 -> architectures.contains("arm64");
        };
    }

    private static boolean reached(KernelRelease wanted, Host host) {
        return host.kernel().atLeast(wanted.major(), wanted.minor());
    }
}
