package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.CredentialOp;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.spec.IdMapping;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes user namespaces. Each is begun by a helper process, whose maps only somebody outside may write. */
public final class UserNamespaceSteps {
    private static final Slot PROC = new Slot("maps");

    private UserNamespaceSteps() {}

    /**
     * A namespace that owns others: what is unshared by a process that is root in it already belongs to that root. In one clone
     * with the maps written afterwards it would belong to nobody (seen: {@code /sys/class/net} of uid 65534).
     *
     * @param owned other kinds
     * @param inside what that root does in them
     */
    static List<Step> owner(UserNamespace user, Collection<Namespace> owned, Function<Slot, List<Step>> inside) {
        Slot helper = new Slot("u");
        List<Step> steps = born(helper, user);
        steps.add(Step.host(new ProcessOp.OpenNs(helper, Namespace.USER, Kept.USER)));
        if (!owned.isEmpty()) {
            steps.add(Step.host(new ProcessOp.Resume(helper)));
            steps.add(Step.at(helper, new CredentialOp.Setresgid(0)));
            steps.add(Step.at(helper, new CredentialOp.Setresuid(0)));
            steps.add(Step.at(helper, new ProcessOp.Unshare(Set.copyOf(owned))));
            steps.addAll(inside.apply(helper));
            steps.add(Step.at(helper, new ProcessOp.Stop()));
            steps.add(Step.host(new ProcessOp.Await(helper)));
            owned.forEach(namespace ->
                    steps.add(Step.host(new ProcessOp.OpenNs(helper, namespace, Kept.namespace(namespace)))));
        }
        return ended(helper, steps);
    }

    /** A namespace that only stands for a mapping of ids, for mounts. */
    static List<Step> mapping(String name, UserNamespace user, Slot made) {
        Slot helper = new Slot("of" + name);
        List<Step> steps = born(helper, user);
        steps.add(Step.host(new ProcessOp.OpenNs(helper, Namespace.USER, made)));
        return ended(helper, steps);
    }

    /**
     * Whether pods can have user namespaces of their own: does what they need, and leaves nothing.
     *
     * @param scratch a directory on the file system of the layers
     */
    public static Plan probe(String scratch) {
        List<IdMapping> range = List.of(new IdMapping(0, 65_536, 65_536));
        Slot user = new Slot("user");
        Slot layers = new Slot("layers");
        Slot memory = new Slot("memory");
        Plan.Builder plan = Plan.titled("probe user namespaces");
        plan.addAll(mapping("probe", new UserNamespace(range, range), user));
        plan.host(new MountOp.Fsmount("tmpfs", List.of(), Set.of(), memory));
        plan.host(map(memory, user));
        plan.host(new MountOp.OpenTree(Slot.NONE, scratch, Set.of(TreeFlag.CLONE), layers));
        plan.host(map(layers, user));
        return plan.build();
    }

    private static Op map(Slot mount, Slot user) {
        return new MountOp.MountSetattr(mount, MountDepth.SINGLE, Set.of(), Set.of(), PropagationType.PRIVATE, user);
    }

    private static List<Step> born(Slot helper, UserNamespace user) {
        List<Step> steps = new ArrayList<>();
        Set<CloneFlag> flags = Set.of(CloneFlag.NEWUSER);
        steps.add(Step.host(new ProcessOp.Clone3(flags, Slot.NONE, ChildKind.HELPER, "user", helper)));
        steps.add(Step.at(helper, new ProcessOp.Stop()));
        steps.add(Step.host(new ProcessOp.Await(helper)));
        steps.add(Step.host(new ProcessOp.OpenProc(helper, PROC)));
        steps.add(Step.host(new FileOp.Write(PROC, "uid_map", lines(user.uids()))));
        steps.add(Step.host(new FileOp.Write(PROC, "gid_map", lines(user.gids()))));
        return steps;
    }

    private static List<Step> ended(Slot helper, List<Step> steps) {
        steps.add(Step.host(new ProcessOp.Resume(helper)));
        steps.add(Step.host(new ProcessOp.Join(helper)));
        return steps;
    }

    /** The kernel takes all of a map in one write. */
    private static Bytes lines(List<IdMapping> mappings) {
        return Bytes.utf8(mappings.stream()
                .map(mapping -> mapping.containerId() + " " + mapping.hostId() + " " + mapping.length() + "\n")
                .collect(Collectors.joining()));
    }
}
