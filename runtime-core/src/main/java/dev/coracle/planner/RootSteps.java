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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
    private final List<Step> steps = new ArrayList<>();

    private RootSteps(Slot rootfs) {
        this.rootfs = rootfs;
    }

    /**
     * Makes the overlay and reads who is in it. The last steps of their plan: the one for old kernels leaves the host's mount
     * namespace.
     *
     * @throws Unsupported if the kernel cannot mount this many layers
     */
    static List<Step> of(Slot rootfs, Layers layers, Host host) {
        RootSteps root = new RootSteps(rootfs);
        root.ownRoot(layers);
        root.overlay(layers, host);
        root.read("etc/passwd", PASSWD);
        root.read("etc/group", GROUP);
        return root.steps;
    }

    private void host(Op op) {
        steps.add(Step.host(op));
    }

    private void ownRoot(Layers layers) {
        Layers.Root root = layers.root();
        if (!root.equals(Layers.Root.USUAL)) {
            host(new FileOp.Open(Slot.NONE, layers.upper(), Set.of(OpenFlag.RDONLY, OpenFlag.DIRECTORY), 0, UPPER));
            host(new FileOp.Fchown(UPPER, root.uid(), root.gid()));
            host(new FileOp.Fchmod(UPPER, root.mode()));
            host(new FileOp.Close(UPPER));
        }
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
        return new MountOp.Fsmount("overlay", parameters, Set.of(), rootfs);
    }

    /** In a mount namespace of its own the worker covers the upper directory, which the overlay no longer needs by name. */
    private void mount(String lower, Layers layers) {
        String options =
                "lowerdir=" + lower + ",upperdir=" + layers.upper() + ",workdir=" + layers.work() + ",volatile";
        if (options.length() > MAX_OPTIONS) {
            throw new Unsupported(
                    "mount root of " + layers.names().size() + " layers",
                    "this kernel takes " + MAX_OPTIONS + " bytes of overlay options, and they are " + options.length());
        }
        host(new ProcessOp.Unshare(Set.of(Namespace.MNT)));
        host(new MountOp.Mount("", "/", "", Set.of(MountFlag.REC, MountFlag.PRIVATE), ""));
        host(new MountOp.Mount("overlay", layers.upper(), "overlay", Set.of(), options));
        host(new MountOp.OpenTree(Slot.NONE, layers.upper(), Set.of(TreeFlag.CLONE), rootfs));
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
