package dev.coracle.linux;

import dev.coracle.failure.Errno;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system calls on named files, one method each, named for its call. Confined to one thread: it keeps the native memory
 * that names and structures travel in. Never to be called on a virtual thread: a blocking call holds its carrier.
 *
 * <p>A name is looked up from {@code directory}, an open directory's {@link Fd}, or from the working directory if that is
 * null. Names longer than PATH_MAX fail with ENAMETOOLONG. Every failure is a {@link SyscallException}.
 */
public final class Linux {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_TRUNC = 01000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    // These two are swapped on arm64 against x86_64.
    public static final int O_DIRECTORY = Cpu.ARM64 ? 040000 : 0200000;
    public static final int O_NOFOLLOW = Cpu.ARM64 ? 0100000 : 0400000;

    /** openat: makes a file without a name in the directory (3.11); not all file systems can. */
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    /** openat2: no mount point may be crossed. */
    public static final int RESOLVE_NO_XDEV = 1;
    /** openat2: no magic link of /proc is followed. */
    public static final int RESOLVE_NO_MAGICLINKS = 2;
    /** openat2: no symbolic link is followed. */
    public static final int RESOLVE_NO_SYMLINKS = 4;
    /** openat2: what leads out of the directory fails with EXDEV. */
    public static final int RESOLVE_BENEATH = 8;
    /** openat2: the directory is the root, also for absolute links and {@code ..}. */
    public static final int RESOLVE_IN_ROOT = 16;

    /** setns: the descriptor must be of a network namespace. */
    public static final int CLONE_NEWNET = 0x40000000;

    /** unlinkat: remove a directory. */
    public static final int AT_REMOVEDIR = 0x200;
    /** renameat2: fail with EEXIST instead of replacing. */
    public static final int RENAME_NOREPLACE = 1;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long SYS_OPENAT2 = 437;
    private static final long SYS_GETDENTS64 = Cpu.ARM64 ? 61 : 217;
    private static final int ENTRIES_BYTES = 32 << 10;
    private static final int PATH_MAX = 4096;
    /** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
    private static final int XATTR_MAX = 65536;

    private static final long UTIME_OMIT = (1L << 30) - 2;

    private final Charset charset;
    private final ByteBuffer first = Native.block(PATH_MAX);
    private final ByteBuffer second = Native.block(PATH_MAX);
    private final ByteBuffer struct = Native.block(FileStat.BYTES);
    private final long firstAddress = Native.address(first);
    private final long secondAddress = Native.address(second);
    private final long structAddress = Native.address(struct);

    /** For names that Java made: they are UTF-8. */
    public Linux() {
        this(StandardCharsets.UTF_8);
    }

    /** For names in another encoding; ISO_8859_1 makes every byte a char and so carries names that are any bytes. */
    public Linux(Charset charset) {
        this.charset = charset;
    }

    /** openat(2), with O_CLOEXEC added. */
    public Fd openat(@Nullable Fd directory, String path, int flags, int mode) throws SyscallException {
        int fd = Native.C.openat(number(directory), first(path), flags | O_CLOEXEC, mode);
        return new Fd(check("openat", path, fd));
    }

    /** openat2(2) (5.6), with O_CLOEXEC added; {@code resolve} is a sum of the RESOLVE_ constants. */
    public Fd openat2(@Nullable Fd directory, String path, int flags, int resolve) throws SyscallException {
        struct.putLong(0, flags | O_CLOEXEC).putLong(8, 0).putLong(16, resolve);
        long fd = Native.C.syscall(SYS_OPENAT2, number(directory), first(path), structAddress, 24);
        return new Fd(check("openat2", path, (int) fd));
    }

    /** mkdirat(2); the process's umask takes from {@code mode}. */
    public void mkdirat(@Nullable Fd directory, String path, int mode) throws SyscallException {
        check("mkdirat", path, Native.C.mkdirat(number(directory), first(path), mode));
    }

    /** symlinkat(2): makes {@code path}, a link that says {@code target}. */
    public void symlinkat(String target, @Nullable Fd directory, String path) throws SyscallException {
        check("symlinkat", path, Native.C.symlinkat(second(target), number(directory), first(path)));
    }

    /** linkat(2): {@code path} becomes another name of {@code existing}, which is not followed if it is a symbolic link. */
    public void linkat(Fd from, String existing, Fd directory, String path) throws SyscallException {
        check("linkat", path, Native.C.linkat(from.number(), second(existing), directory.number(), first(path), 0));
    }

    /** linkat(2): {@code path} becomes the name of a file that was made without: {@link #O_TMPFILE}. */
    public void linkat(Fd unnamed, String path) throws SyscallException {
        long existing = second("/proc/self/fd/" + unnamed.number());
        check("linkat", path, Native.C.linkat(AT_FDCWD, existing, AT_FDCWD, first(path), AT_SYMLINK_FOLLOW));
    }

    /** mknodat(2): {@code mode} holds type and permissions; major and minor count for device nodes only. */
    public void mknodat(Fd directory, String path, int mode, int major, int minor) throws SyscallException {
        long device = ((major & ~0xfffL) << 32) | ((major & 0xfffL) << 8) | ((minor & ~0xffL) << 12) | (minor & 0xffL);
        check("mknodat", path, Native.C.mknodat(directory.number(), first(path), mode, device));
    }

    /** unlinkat(2); {@code flags} is 0 or {@link #AT_REMOVEDIR}. */
    public void unlinkat(@Nullable Fd directory, String path, int flags) throws SyscallException {
        check("unlinkat", path, Native.C.unlinkat(number(directory), first(path), flags));
    }

    /** renameat2(2), within one directory descriptor; {@code flags} is 0 or {@link #RENAME_NOREPLACE}. */
    public void renameat2(@Nullable Fd directory, String from, String to, int flags) throws SyscallException {
        int at = number(directory);
        check("renameat2", from, Native.C.renameat2(at, first(from), at, second(to), flags));
    }

    /** fchownat(2), of the link itself if it is one. */
    public void fchownat(@Nullable Fd directory, String path, int uid, int gid) throws SyscallException {
        check("fchownat", path, Native.C.fchownat(number(directory), first(path), uid, gid, AT_SYMLINK_NOFOLLOW));
    }

    /** fchmodat(2). It follows symbolic links (the kernel has no other form before 6.6): not for names that may be one. */
    public void fchmodat(@Nullable Fd directory, String path, int mode) throws SyscallException {
        check("fchmodat", path, Native.C.fchmodat(number(directory), first(path), mode, 0));
    }

    /** utimensat(2), of the link itself if it is one; the access time stays. */
    public void utimensat(@Nullable Fd directory, String path, Timestamp modified) throws SyscallException {
        int result = Native.C.utimensat(number(directory), first(path), times(modified), AT_SYMLINK_NOFOLLOW);
        check("utimensat", path, result);
    }

    /** futimens(3) on an open file; the access time stays. */
    public void futimens(Fd file, Timestamp modified) throws SyscallException {
        check("futimens", "", Native.C.futimens(file.number(), times(modified)));
    }

    /** fsetxattr(2) on an open file. */
    public void fsetxattr(Fd file, String name, byte[] value) throws SyscallException {
        check("fsetxattr", name, Native.C.fsetxattr(file.number(), first(name), value, value.length, 0));
    }

    /** lsetxattr(2): of the link itself if it is one. {@code path} starts at the working directory or the root. */
    public void lsetxattr(String path, String name, byte[] value) throws SyscallException {
        check("lsetxattr", path, Native.C.lsetxattr(first(path), second(name), value, value.length, 0));
    }

    /** lgetxattr(2): of the link itself if it is one; empty where it has no such attribute or the file system keeps none. */
    public Optional<byte[]> lgetxattr(String path, String name) throws SyscallException {
        byte[] value = new byte[XATTR_MAX];
        long length = Native.C.lgetxattr(first(path), second(name), value, value.length);
        if (length < 0 && (Native.errno() == Errno.ENODATA || Native.errno() == Errno.EOPNOTSUPP)) {
            return Optional.empty();
        }
        return Optional.of(Arrays.copyOf(value, check("lgetxattr", path, (int) length)));
    }

    /** llistxattr(2): the names of all attributes, of the link itself if it is one. */
    public List<String> llistxattr(String path) throws SyscallException {
        byte[] names = new byte[XATTR_MAX];
        int length = check("llistxattr", path, (int) Native.C.llistxattr(first(path), names, names.length));
        String all = new String(names, 0, length, charset);
        return all.isEmpty() ? List.of() : List.of(all.split("\0"));
    }

    /** readlinkat(2): what a symbolic link says. */
    public String readlinkat(Fd directory, String path) throws SyscallException {
        ByteBuffer target = Native.block(PATH_MAX);
        long read = Native.C.readlinkat(directory.number(), first(path), Native.address(target), PATH_MAX);
        int length = check("readlinkat", path, (int) read);
        return text(target, 0, length);
    }

    /** getdents64(2): the names in a directory that was just opened, but for {@code .} and {@code ..}; in no order. */
    public List<String> names(Fd directory) throws SyscallException {
        ByteBuffer entries = Native.block(ENTRIES_BYTES);
        List<String> names = new ArrayList<>();
        while (true) {
            long read = Native.C.syscall(SYS_GETDENTS64, directory.number(), Native.address(entries), ENTRIES_BYTES, 0);
            int length = check("getdents64", "", (int) read);
            if (length == 0) {
                return names;
            }
            for (int at = 0; at < length; at += Short.toUnsignedInt(entries.getShort(at + 16))) {
                String name = name(entries, at + 19);
                if (!name.equals(".") && !name.equals("..")) {
                    names.add(name);
                }
            }
        }
    }

    private String name(ByteBuffer entries, int at) {
        int end = at;
        while (entries.get(end) != 0) {
            end++;
        }
        return text(entries, at, end - at);
    }

    private String text(ByteBuffer from, int at, int length) {
        byte[] bytes = new byte[length];
        from.get(at, bytes);
        return new String(bytes, charset);
    }

    /** statx(2), of the link itself if it is one. */
    public FileStat lstat(@Nullable Fd directory, String path) throws SyscallException {
        return stat(number(directory), path, AT_SYMLINK_NOFOLLOW);
    }

    /** statx(2) of an open file, which may have been opened with O_PATH. */
    public FileStat fstat(Fd file) throws SyscallException {
        return stat(file.number(), "", AT_EMPTY_PATH);
    }

    /** setns(2) (3.0): moves the calling thread, which must be a platform thread that ends soon. */
    public void setns(Fd namespace, int type) throws SyscallException {
        check("setns", "", Native.C.setns(namespace.number(), type));
    }

    private FileStat stat(int at, String path, int flags) throws SyscallException {
        check("statx", path, Native.C.statx(at, first(path), flags, STATX_BASIC_STATS, structAddress));
        return FileStat.of(struct, 0);
    }

    private long times(Timestamp modified) {
        struct.putLong(0, 0)
                .putLong(8, UTIME_OMIT)
                .putLong(16, modified.seconds())
                .putLong(24, modified.nanos());
        return structAddress;
    }

    private long first(String text) throws SyscallException {
        fill(first, text);
        return firstAddress;
    }

    private long second(String text) throws SyscallException {
        fill(second, text);
        return secondAddress;
    }

    private void fill(ByteBuffer buffer, String text) throws SyscallException {
        byte[] bytes = text.getBytes(charset);
        if (bytes.length >= PATH_MAX) {
            throw new SyscallException("name", text.substring(0, 64) + "…", Errno.ENAMETOOLONG);
        }
        if (text.indexOf('\0') >= 0) {
            throw new SyscallException("name with a zero byte", "", Errno.EINVAL);
        }
        buffer.put(0, bytes).put(bytes.length, (byte) 0);
    }

    private static int number(@Nullable Fd directory) {
        return directory == null ? AT_FDCWD : directory.number();
    }

    /** Also keeps this object, and with it the memory that names travelled in, reachable until the call is over. */
    private int check(String call, String object, int result) throws SyscallException {
        try {
            if (result < 0) {
                throw new SyscallException(call, object, Native.errno());
            }
            return result;
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
