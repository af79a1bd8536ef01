package dev.coracle.plan;

import java.util.List;
import java.util.Set;

/** Mounts. A path of "" means the slot itself. */
public sealed interface MountOp extends Op {
    /** open_tree(2), close-on-exec. */
    record OpenTree(Slot dir, String path, Set<TreeFlag> flags, Slot tree) implements MountOp {
        public OpenTree {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(20, "open_tree").slot(dir).text(path).flags(flags).makes(tree);
        }
    }

    /** mount_setattr(2) on the slot itself; idmap is a user namespace's slot or {@link Slot#NONE}. */
    record MountSetattr(
            Slot mount,
            MountDepth depth,
            Set<MountAttr> set,
            Set<MountAttr> clear,
            PropagationType propagation,
            Slot idmap)
            implements MountOp {
        public MountSetattr {
            set = Set.copyOf(set);
            clear = Set.copyOf(clear);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(21, "mount_setattr").slot(mount).choice(depth);
            out.label("set=").flags(set).label("clear=").flags(clear);
            out.label("propagation=").choice(propagation).label("idmap=").slot(idmap);
        }
    }

    /** move_mount(2) of the slot itself; the target's symlinks are not followed. */
    record MoveMount(Slot mount, Slot dir, String path) implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(22, "move_mount").slot(mount).word("onto").slot(dir).text(path);
        }
    }

    /**
     * Compound: fsopen, one fsconfig for each parameter ({@code key=value} or {@code flag}), create, fsmount. A value is below 256
     * bytes. The failure's detail is the kernel's own message.
     */
    record Fsmount(String type, List<String> parameters, Set<MountAttr> attributes, Slot mount) implements MountOp {
        public Fsmount {
            parameters = List.copyOf(parameters);
            attributes = Set.copyOf(attributes);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(23, "fsmount").text(type).texts(parameters).flags(attributes).makes(mount);
        }
    }

    /** mount(2); an empty source, type or data is passed as null. */
    record Mount(String source, String target, String type, Set<MountFlag> flags, String data) implements MountOp {
        public Mount {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(24, "mount")
                    .text(source)
                    .text(target)
                    .text(type)
                    .flags(flags)
                    .text(data);
        }
    }

    /** umount2(2). */
    record Umount(String path, Set<UmountFlag> flags) implements MountOp {
        public Umount {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(25, "umount").text(path).flags(flags);
        }
    }

    /** pivot_root(".", "."): the old root lies on the new one until {@code umount . detach}. */
    record PivotRoot() implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(26, "pivot_root");
        }
    }

    /** chdir(2). */
    record Chdir(String path) implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(27, "chdir").text(path);
        }
    }

    /** fchdir(2). */
    record Fchdir(Slot dir) implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(28, "fchdir").slot(dir);
        }
    }

    /**
     * Compound: hides what is at path inside root: a directory under an empty read-only tmpfs, anything else under the file
     * {@code nothing} (the container's null device). What is not there is passed over.
     */
    record Mask(Slot root, String path, Slot nothing) implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(29, "mask").slot(root).text(path).slot(nothing);
        }
    }

    /** Compound: covers what is at path inside root with a read-only view of itself. What is not there is passed over. */
    record Readonly(Slot root, String path) implements MountOp {
        @Override
        public void describe(OpWriter out) {
            out.op(30, "readonly").slot(root).text(path);
        }
    }
}
