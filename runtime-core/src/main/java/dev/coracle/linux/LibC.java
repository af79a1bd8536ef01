package dev.coracle.linux;

import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/**
 * The C library's functions as jnr-ffi binds them; only this package calls it. It is public because jnr-ffi puts the class it
 * generates elsewhere. Addresses travel as {@code long}, which is what a C pointer is on every 64-bit Linux; a negative
 * result means that errno is set.
 */
public interface LibC {
    long syscall(long number, long a, long b, long c, long d);

    /** In glibc from 2.36 on; calling it on an older one is an UnsatisfiedLinkError. */
    int fsopen(@In byte[] type, int flags);

    /** Likewise. */
    int fsconfig(int fd, int command, @In byte @Nullable [] key, @In byte @Nullable [] value, int aux);

    int openat(int directory, long path, int flags, int mode);

    int close(int fd);

    long read(int fd, long address, long length);

    long write(int fd, long address, long length);

    long pwrite(int fd, long address, long length, long offset);

    int ftruncate(int fd, long length);

    int fsync(int fd);

    int syncfs(int fd);

    int sync_file_range(int fd, long offset, long length, int flags);

    int flock(int fd, int operation);

    int mkdirat(int directory, long path, int mode);

    int symlinkat(long target, int directory, long path);

    long readlinkat(int directory, long path, long buffer, long length);

    int linkat(int fromDirectory, long from, int toDirectory, long to, int flags);

    int mknodat(int directory, long path, int mode, long device);

    int unlinkat(int directory, long path, int flags);

    int renameat2(int fromDirectory, long from, int toDirectory, long to, int flags);

    int fchown(int fd, int uid, int gid);

    int fchownat(int directory, long path, int uid, int gid, int flags);

    int fchmod(int fd, int mode);

    int fchmodat(int directory, long path, int mode, int flags);

    int futimens(int fd, long times);

    int utimensat(int directory, long path, long times, int flags);

    int fsetxattr(int fd, long name, @In byte[] value, long length, int flags);

    int lsetxattr(long path, long name, @In byte[] value, long length, int flags);

    long lgetxattr(long path, long name, @Out byte[] value, long length);

    long llistxattr(long path, @Out byte[] names, long length);

    int statx(int directory, long path, int flags, int mask, long buffer);

    int statfs(@In byte[] path, @Out byte[] struct);

    int madvise(long address, long length, int advice);

    int getpagesize();

    int memfd_create(@In byte[] name, int flags);

    int inotify_init1(int flags);

    int inotify_add_watch(int fd, @In byte[] path, int mask);

    long lseek(int fd, long offset, int whence);

    int kill(int pid, int signal);

    int setns(int fd, int type);

    int socket(int domain, int type, int protocol);

    int connect(int fd, @In byte[] address, int length);

    long send(int fd, @In byte[] data, long length, int flags);
}
