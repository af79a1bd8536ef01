package dev.coracle.planner;

import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountAttr;
import dev.coracle.plan.MountDepth;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.PropagationType;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Layers of an image as a user namespace sees them: idmapped views (Linux 5.12; as lower layers of an overlay 5.19), attached side by
 * side on a tmpfs that the worker is in afterwards. Nothing of the image is changed. Confined to one call.
 */
final class MappedLayers {
    /** A directory beside the layers. */
    static final String ROOT = "r";

    private static final String WRITABLE = "w";
    private static final Slot STACK = new Slot("stack");
    private static final Slot OWN = new Slot("own");
    private static final Slot WRITABLE_VIEW = new Slot("writable");
    private static final int PRIVATE_MODE = 0700;

    /** Each takes a slot of the plan; other tools make no image of more than 127. */
    private static final int MOST = 128;

    private final Layers layers;
    private final UserNamespace user;
    private final List<Step> steps = new ArrayList<>();

    MappedLayers(Layers layers, UserNamespace user) {
        this.layers = layers;
        this.user = user;
        if (layers.names().size() > MOST) {
            throw new Unsupported(
                    "mount root of " + layers.names().size() + " layers",
                    "with a user namespace of the pod's own it can have " + MOST);
        }
    }

    /** In the order of the layers, relative to where {@link #steps} end. */
    List<String> names() {
        return IntStream.range(0, layers.names().size())
                .mapToObj(String::valueOf)
                .toList();
    }

    /** The same layers, named from there. */
    Layers inStack() {
        return new Layers(".", names(), moved(layers.upper()), moved(layers.work()), layers.root());
    }

    private static String moved(String path) {
        return WRITABLE + path.substring(path.lastIndexOf('/'));
    }

    /** Leaves the host's mount namespace for one that ends with the worker. */
    List<Step> steps() {
        host(new FileOp.Open(Slot.NONE, layers.work(), Set.of(OpenFlag.PATH, OpenFlag.DIRECTORY), 0, OWN));
        host(new FileOp.Fchown(OWN, (int) user.hostUid(0), (int) user.hostGid(0)));
        String writable = layers.upper().substring(0, layers.upper().lastIndexOf('/'));
        host(new MountOp.OpenTree(Slot.NONE, writable, Set.of(TreeFlag.CLONE), WRITABLE_VIEW));
        for (int i = 0; i < layers.names().size(); i++) {
            String layer = layers.directory() + "/" + layers.names().get(i);
            host(new MountOp.OpenTree(Slot.NONE, layer, Set.of(TreeFlag.CLONE), view(i)));
            host(new MountOp.MountSetattr(
                    view(i), MountDepth.SINGLE, Set.of(MountAttr.RO), Set.of(), PropagationType.KEEP, Kept.USER));
        }
        host(new ProcessOp.Setns(Kept.MNT, Set.of(Namespace.MNT)));
        host(new ProcessOp.Unshare(Set.of(Namespace.MNT)));
        host(new MountOp.Fsmount("tmpfs", List.of("mode=0700", "size=64k"), Set.of(), STACK));
        host(new MountOp.MoveMount(STACK, Slot.NONE, "/"));
        names().forEach(name -> attach(view(Integer.parseInt(name)), name));
        attach(WRITABLE_VIEW, WRITABLE);
        host(new FileOp.Mkdir(STACK, ROOT, PRIVATE_MODE));
        host(new MountOp.Fchdir(STACK));
        return steps;
    }

    private void attach(Slot view, String name) {
        host(new FileOp.Mkdir(STACK, name, PRIVATE_MODE));
        host(new MountOp.MoveMount(view, STACK, name));
    }

    private static Slot view(int index) {
        return new Slot("l" + index);
    }

    private void host(Op op) {
        steps.add(Step.host(op));
    }
}
