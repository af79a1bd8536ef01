package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.CredentialOp;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.Op;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.spec.ResolvedUser;
import dev.coracle.spec.SelinuxLabel;
import dev.coracle.spec.Signal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a process becomes before it executes its program. Confined to the planner that makes it. */
final class ProcessSteps {
    private static final int UMASK = 022;
    private static final int FIRST_OF_ITS_OWN = 3;

    private final Slot place;
    private final List<Step> steps = new ArrayList<>();

    ProcessSteps(Slot place) {
        this.place = place;
    }

    List<Step> steps() {
        return steps;
    }

    private void add(Op op) {
        steps.add(Step.at(place, op));
    }

    /** While the host's {@code /proc} is in sight: in a process of another pid namespace {@code self} is found there too. */
    ProcessSteps oomScoreAdj(int value) {
        add(new FileOp.Write(Slot.NONE, "/proc/self/oom_score_adj", Bytes.utf8(Integer.toString(value))));
        return this;
    }

    /**
     * Under which AppArmor profile the program will be executed; empty for none. Said as early as this because the host's {@code /proc}
     * is in sight, and a child has it from its maker; nothing but execve looks at it.
     */
    ProcessSteps confine(String profile) {
        if (!profile.isEmpty()) {
            add(new FileOp.Write(Slot.NONE, "/proc/self/attr/apparmor/exec", Bytes.utf8("exec " + profile)));
        }
        return this;
    }

    /**
     * Which SELinux label the program will be executed with; none leaves that to the policy. It may be said as early as {@link #confine}.
     */
    ProcessSteps label(SelinuxLabel label) {
        if (!label.isEmpty()) {
            add(new FileOp.Write(Slot.NONE, "/proc/self/attr/exec", Bytes.utf8(label.text())));
        }
        return this;
    }

    /** Resource limits, not above what this daemon may set. */
    ProcessSteps limits(List<Settings.Limit> limits, Host host) {
        for (Settings.Limit limit : limits) {
            String name = limit.kind().keyword();
            add(new ProcessOp.Setrlimit(
                    limit.kind(), host.limitWithin(name, limit.soft()), host.limitWithin(name, limit.hard())));
        }
        add(new ProcessOp.Umask(UMASK));
        return this;
    }

    /**
     * Takes on the user and the rights. The filter comes last, so that it need not allow what goes before; but without
     * no_new_privs only a process with CAP_SYS_ADMIN may install one, and then it precedes the change of user.
     */
    ProcessSteps become(ResolvedUser user, Grant grant, boolean noNewPrivs, @Nullable SeccompFilter filter) {
        add(new CredentialOp.Setgroups(
                user.groups().stream().map(Long::intValue).toList()));
        add(new CredentialOp.Setresgid((int) user.gid()));
        add(new CredentialOp.Capbset(grant.bounding().bits()));
        if (user.uid() != 0) {
            add(new CredentialOp.Keepcaps());
        }
        if (!noNewPrivs) {
            seccomp(filter);
        }
        add(new CredentialOp.Setresuid((int) user.uid()));
        long rights = grant.bounding().bits();
        add(new CredentialOp.Capset(rights, rights, grant.ambient().bits()));
        add(new CredentialOp.Capambient(grant.ambient().bits()));
        if (noNewPrivs) {
            add(new CredentialOp.NoNewPrivs());
        }
        return this;
    }

    /** Root of the user namespace that it has joined; nothing of who it was on the host stays. */
    ProcessSteps rootOfTheNamespace() {
        add(new CredentialOp.Setgroups(List.of()));
        add(new CredentialOp.Setresgid(0));
        add(new CredentialOp.Setresuid(0));
        return this;
    }

    ProcessSteps seccomp(@Nullable SeccompFilter filter) {
        if (filter != null) {
            add(new CredentialOp.Seccomp(filter.flags(), filter.program()));
        }
        return this;
    }

    /** Dies with the shim. A change of credentials clears this, so it follows them. */
    ProcessSteps dieWithShim() {
        add(new ProcessOp.Pdeathsig(Signal.KILL.number()));
        return this;
    }

    ProcessSteps execute(List<String> attempts, List<String> argv, Environment environment) {
        add(new ProcessOp.CloseRange(FIRST_OF_ITS_OWN));
        add(new ProcessOp.Execve(attempts, argv, environment.lines()));
        return this;
    }
}
