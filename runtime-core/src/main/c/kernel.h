/* The system: its headers, the calls that musl does not wrap, and what both halves ask of it. */
#ifndef CORACLE_KERNEL_H
#define CORACLE_KERNEL_H
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifndef FSCONFIG_SET_FLAG
#include <linux/mount.h>
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* Calls from 424 on have the same numbers everywhere; musl 1.2.3 lacks some. */
enum { CALL_CLONE3 = 435, CALL_CLOSE_RANGE = 436, CALL_OPENAT2 = 437, CALL_MOUNT_SETATTR = 442 };
enum { CALL_OPEN_TREE = 428, CALL_MOVE_MOUNT = 429, CALL_FSOPEN = 430, CALL_FSCONFIG = 431, CALL_FSMOUNT = 432 };

/* struct mount_attr, which not all headers have. */
struct mount_attributes {
    uint64_t set, clear, propagation, userns_fd;
};

/* struct linux_dirent64. */
struct entry {
    uint64_t inode, offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

/* A directory being read. */
struct listing {
    int dir;
    long at, size;
    _Alignas(8) char bytes[2048];
};

/* Numbers lie in plans, results and frames as in memory: both architectures are little endian. */
static inline uint64_t number_at(const uint8_t *at, unsigned bytes) {
    uint64_t number = 0;
    memcpy(&number, at, bytes);
    return number;
}

/* An empty path means the descriptor itself, here and in move_mount. */
static inline int sys_open_tree(int dir, const char *path, unsigned flags) {
    return (int)syscall(CALL_OPEN_TREE, dir, path, flags | O_CLOEXEC | (path[0] ? 0 : AT_EMPTY_PATH));
}

static inline int sys_move_mount(int mount, int dir, const char *path) {
    unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (path[0] ? 0 : MOVE_MOUNT_T_EMPTY_PATH);
    return (int)syscall(CALL_MOVE_MOUNT, mount, "", dir, path, flags);
}

static inline int sys_fsopen(const char *type) { return (int)syscall(CALL_FSOPEN, type, FSOPEN_CLOEXEC); }

static inline int sys_fsconfig(int context, unsigned command, const char *key, const char *value) {
    return (int)syscall(CALL_FSCONFIG, context, command, key, value, 0);
}

static inline int sys_fsmount(int context, unsigned attributes) {
    return (int)syscall(CALL_FSMOUNT, context, FSMOUNT_CLOEXEC, attributes);
}

static inline int sys_mount_setattr(int mount, unsigned flags, const struct mount_attributes *attributes) {
    return (int)syscall(CALL_MOUNT_SETATTR, mount, "", flags | AT_EMPTY_PATH, attributes, sizeof *attributes);
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)syscall(CALL_CLOSE_RANGE, first, last, flags);
}

int64_t clock_ms(void);
int64_t clock_ns(void); /* CLOCK_REALTIME */
void pause_us(long us);
void close_end(int *fd); /* leaves -1; errno stays */
/* A descriptor that is closed at the end of its block. */
#define CLOSED __attribute__((cleanup(close_end))) int

/* The beginning of a file, terminated; empty where it cannot be read. Returns its length, or -1. */
ssize_t read_text(int dir, const char *path, char *text, size_t size);
int write_text(int dir, const char *path, const char *text);
void read_wait_channel(pid_t pid, char *text, size_t size);
/* Gives a v1 group that has no cpus or memory nodes those above: it would take no process. */
int inherit_cpuset(int group);
/* The next name, valid until the one after it; NULL at the end. */
const struct entry *next_entry(struct listing *listing);
/* The next number of a file of pids; false at its end. */
bool next_pid(int file, pid_t *pid);

#endif
