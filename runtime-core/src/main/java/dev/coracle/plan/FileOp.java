package dev.coracle.plan;

import java.util.Set;

/** Files and directories. A directory operand is a slot, or {@link Slot#NONE} for absolute paths and the working directory. */
public sealed interface FileOp extends Op {
    /** mkdirat(2). Modes are literal: plans run under umask 0 until they set another. */
    record Mkdir(Slot dir, String path, int mode) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(1, "mkdir").slot(dir).text(path).mode(mode);
        }
    }

    /**
     * Compound: the directory at path inside root, missing ones made, symlinks (dangling ones too) followed inside root by
     * openat2 IN_ROOT and NO_MAGICLINKS. The result is an O_PATH descriptor.
     */
    record Mkdirs(Slot root, String path, int mode, Slot made) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(2, "mkdirs").slot(root).text(path).mode(mode).makes(made);
        }
    }

    /** Compound: as {@link Mkdirs} with a file (or whatever else is already there) as the last element. Directories get 0755. */
    record Mkfile(Slot root, String path, int mode, Slot made) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(3, "mkfile").slot(root).text(path).mode(mode).makes(made);
        }
    }

    /** openat(2); mode counts with {@link OpenFlag#CREAT} only. For paths of the host: nothing is confined. */
    record Open(Slot dir, String path, Set<OpenFlag> flags, int mode, Slot opened) implements FileOp {
        public Open {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(4, "open").slot(dir).text(path).flags(flags).mode(mode).makes(opened);
        }
    }

    /** openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: for every path inside a container's root. */
    record Openat2(Slot root, String path, Set<OpenFlag> flags, Slot opened) implements FileOp {
        public Openat2 {
            flags = Set.copyOf(flags);
        }

        @Override
        public void describe(OpWriter out) {
            out.op(5, "openat2").slot(root).text(path).flags(flags).makes(opened);
        }
    }

    /** mknodat(2); major and minor are 0 for a fifo. */
    record Mknod(Slot dir, String path, NodeType type, int mode, int major, int minor) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(6, "mknod").slot(dir).text(path).choice(type).mode(mode).device(major, minor);
        }
    }

    /** symlinkat(2). */
    record Symlink(String target, Slot dir, String path) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(7, "symlink").text(target).slot(dir).text(path);
        }
    }

    /** Opens an existing file for writing, writes all in one write(2), closes: cgroup files, sysctls, uid maps. */
    record Write(Slot dir, String path, Bytes content) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(8, "write").slot(dir).text(path).data(content);
        }
    }

    /** Reads a regular file to its end into the answer {@code answer}; EFBIG beyond limit bytes. */
    record Read(Slot file, long limit, String answer) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(9, "read").slot(file).number(limit).word("as").text(answer);
        }
    }

    /** fstat(2) and the descriptor's own path into the answer {@code answer}: {@link Answers#stat}. */
    record Stat(Slot file, String answer) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(10, "stat").slot(file).word("as").text(answer);
        }
    }

    /** unlinkat(2). */
    record Unlink(Slot dir, String path, EntryType type) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(11, "unlink").slot(dir).text(path).choice(type);
        }
    }

    /** fchownat(2) on the descriptor itself, O_PATH or not. */
    record Fchown(Slot file, int uid, int gid) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(12, "fchown").slot(file).number(Integer.toUnsignedLong(uid)).number(Integer.toUnsignedLong(gid));
        }
    }

    /** fchmod(2): the descriptor must not be O_PATH. */
    record Fchmod(Slot file, int mode) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(13, "fchmod").slot(file).mode(mode);
        }
    }

    /** Closes a slot of this plan early; what is left open is closed with the plan. */
    record Close(Slot slot) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(14, "close").slot(slot);
        }
    }

    /** Host side only: the shim closes and forgets this kept slot once the plan has succeeded. Not there is not an error. */
    record Drop(Slot kept) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(15, "drop").slot(kept);
        }
    }

    /** Another descriptor for the same thing (F_DUPFD_CLOEXEC): so that the shim keeps a process's pidfd under a name. */
    record Dup(Slot slot, Slot copy) implements FileOp {
        @Override
        public void describe(OpWriter out) {
            out.op(16, "dup").slot(slot).makes(copy);
        }
    }
}
