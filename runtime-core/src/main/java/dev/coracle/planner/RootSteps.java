package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.MountFlag;
import dev.coracle.plan.MountOp;
import dev.coracle.plan.Namespace;
import dev.coracle.plan.Op;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;
import dev.coracle.plan.TreeFlag;
import dev.coracle.spec.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The overlay that is a container's root, by the way that the host's kernel knows. */
final class RootSteps {
    /** fsconfig takes a value of 255 bytes and its end. */
    private static final int MAX_VALUE = 255;
    /** mount(2) takes a page of options. */
    private static final int MAX_OPTIONS = 4095;

    static final String PASSWD = "passwd";
    static final String GROUP = "group";

    private static final long MAX_ACCOUNT_FILE = 4L << 20;

    private static final Slot UPPER = new Slot("upper");

    private final Slot rootfs;
    private final SelinuxLabels labels;
    private final List<Step> steps = new ArrayList<>();

    private RootSteps(Slot rootfs, SelinuxLabels labels) {
        this.rootfs = rootfs;
        this.labels = labels;
    }

    /**
     * Makes the overlay and reads who is in it. The last steps of their plan: some leave the host's mount namespace.
     *
     * @throws Unsupported if the kernel cannot mount this many layers
     */
    static List<Step> of(ContainerOrder order, Layers layers, Host host) {
        UserNamespace user = order.userNamespace();
        RootSteps root = new RootSteps(Kept.rootfs(order.id()), SelinuxLabels.of(order, host));
        root.ownRoot(layers, user);
        if (user == null) {
            root.overlay(layers, host);
        } else {
            root.mapped(layers, host, user);
        }
        root.read("etc/passwd", PASSWD);
        root.read("etc/group", GROUP);
        return root.steps;
    }

    private void host(Op op) {
        steps.add(Step.host(op));
    }

    private void ownRoot(Layers layers, @Nullable UserNamespace user) {
        Layers.Root root = layers.root();
        if (user == null && root.equals(Layers.Root.USUAL)) {
            return;
        }
        long uid = user == null ? root.uid() : user.hostUid(user.hasUser(root.uid()) ? root.uid() : 0);
        long gid = user == null ? root.gid() : user.hostGid(user.hasGroup(root.gid()) ? root.gid() : 0);
        host(new FileOp.Open(Slot.NONE, layers.upper(), Set.of(OpenFlag.RDONLY, OpenFlag.DIRECTORY), 0, UPPER));
        host(new FileOp.Fchown(UPPER, (int) uid, (int) gid));
        host(new FileOp.Fchmod(UPPER, root.mode()));
        host(new FileOp.Close(UPPER));
    }

    /**
     * With {@code lowerdir+} the names may be any number; else all of them are one value, short by being relative to the working
     * directory, and past its length only mount(2) is left. An upper directory that was mounted volatile once cannot be again.
     */
    private void overlay(Layers layers, Host host) {
        String lower = String.join(":", layers.names());
        if (host.lowerdirPlus()) {
            List<String> parameters = new ArrayList<>();
            layers.names().forEach(name -> parameters.add("lowerdir+=" + layers.directory() + "/" + name));
            host(fsmount(parameters, layers));
        } else if (lower.length() <= MAX_VALUE) {
            host(new MountOp.Chdir(layers.directory()));
            host(fsmount(List.of("lowerdir=" + lower), layers));
        } else {
            host(new MountOp.Chdir(layers.directory()));
            mount(lower, layers);
        }
    }

    private MountOp fsmount(List<String> lower, Layers layers) {
        List<String> parameters = new ArrayList<>(lower);
        parameters.add("upperdir=" + layers.upper());
        parameters.add("workdir=" + layers.work());
        parameters.add("volatile");
        return new MountOp.Fsmount("overlay", labels.with(parameters), Set.of(), rootfs);
    }

    /**
     * Of layers seen through the pod's user namespace. Kernels before 6.15 want them attached in the mount namespace of who
     * makes the overlay: here a copy of the pod's, which is small. The writable layer is what the container's own ids write.
     */
    private void mapped(Layers layers, Host host, UserNamespace user) {
        MappedLayers stack = new MappedLayers(layers, user);
        steps.addAll(stack.steps());
        String lower = String.join(":", stack.names());
        if (host.lowerdirPlus()) {
            host(fsmount(stack.names().stream().map(name -> "lowerdir+=" + name).toList(), stack.inStack()));
        } else if (lower.length() <= MAX_VALUE) {
            host(fsmount(List.of("lowerdir=" + lower), stack.inStack()));
        } else {
            attach(lower, stack.inStack(), MappedLayers.ROOT);
        }
    }

    /** In a mount namespace of its own the worker covers the upper directory, which the overlay no longer needs by name. */
    private void mount(String lower, Layers layers) {
        host(new ProcessOp.Unshare(Set.of(Namespace.MNT)));
        host(new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), ""));
        attach(lower, layers, layers.upper());
    }

    /** In a mount namespace that goes with the worker. */
    private void attach(String lower, Layers layers, String target) {
        String options = "lowerdir=" + lower + ",upperdir=" + layers.upper() + ",workdir=" + layers.work() + ",volatile"
                + labels.option();
        if (options.length() > MAX_OPTIONS) {
            throw new Unsupported(
                    "mount root of " + layers.names().size() + " layers",
                    "this kernel takes " + MAX_OPTIONS + " bytes of overlay options, and they are " + options.length());
        }
        host(new MountOp.Mount("overlay", target, "overlay", Set.of(), options));
        host(new MountOp.OpenTree(Slot.NONE, target, Set.of(TreeFlag.CLONE), rootfs));
    }

    /** Without waiting for a writer should it be a pipe; what is no file, and what leads out of the root, is no file of users. */
    private void read(String path, String answer) {
        Slot file = new Slot(answer);
        Set<OpenFlag> flags = Set.of(OpenFlag.RDONLY, OpenFlag.NONBLOCK);
        steps.add(Step.host(
                new FileOp.Openat2(rootfs, path, flags, file), Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES));
        steps.add(Step.host(new FileOp.Read(file, MAX_ACCOUNT_FILE, answer), Errno.EINVAL, Errno.EISDIR));
    }
}
