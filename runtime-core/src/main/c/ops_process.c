/* Namespaces, credentials, and what else a process is before it executes its program. Changes of credentials are raw
 * system calls: libc would ask other threads to follow. */
#include "plan.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

enum { GROUPS_MAX = 65536, CAPABILITY_BITS = 64 };

OP(unshare) { return unshare((int)a[0].number); }
OP(setns) { return setns(a[0].fd, (int)a[1].number); }
OP(sethostname) { return sethostname(a[0].text, a[0].length); }
OP(setsid) { return setsid() < 0 ? -1 : 0; }
OP(setctty) { return ioctl(0, TIOCSCTTY, 0); }
OP(umask) { return umask((mode_t)a[0].number), 0; }
OP(pdeathsig) { return prctl(PR_SET_PDEATHSIG, a[0].number, 0, 0, 0); }
OP(keepcaps) { return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); }
OP(no_new_privs) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
/* Closing at once would tell the host side that execve has succeeded. */
OP(close_range) { return sys_close_range((unsigned)a[0].number, UINT32_MAX, CLOSE_RANGE_CLOEXEC); }

/* A path below the child's /proc directory. Its channel still being open afterwards tells that the pid was its. */
static int open_of_child(struct run *run, uint16_t slot, const char *below, int flags) {
    int place = place_of(run->plan, slot);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d%s", run->area->children[place].pid, below);
    int fd = open(path, flags | O_CLOEXEC);
    struct pollfd channel = {run->channel[place], 0, 0};
    if (fd >= 0 && (channel.fd < 0 || poll(&channel, 1, 0) != 0)) return close(fd), errno = ESRCH, -1;
    return fd;
}

OP(open_ns) {
    char path[32];
    snprintf(path, sizeof path, "/ns/%s", a[1].text);
    return slot_fill(run, &a[2], open_of_child(run, a[0].slot, path, O_RDONLY));
}

OP(open_proc) { return slot_fill(run, &a[1], open_of_child(run, a[0].slot, "", O_PATH | O_DIRECTORY)); }

OP(link_up) {
    CLOSED any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};
    if (any < 0) return -1;
    if (a[0].length >= sizeof request.ifr_name) return errno = ENODEV, -1;
    memcpy(request.ifr_name, a[0].text, a[0].length);
    if (ioctl(any, SIOCGIFFLAGS, &request) < 0) return -1;
    request.ifr_flags |= IFF_UP;
    return ioctl(any, SIOCSIFFLAGS, &request);
}

OP(dup2) {
    if (a[1].number > 2) return errno = EINVAL, -1;
    if (a[0].fd == (int)a[1].number) return fcntl(a[0].fd, F_SETFD, 0);
    return dup2(a[0].fd, (int)a[1].number) < 0 ? -1 : 0;
}

OP(setrlimit) {
    struct rlimit limit = {a[1].number, a[2].number};
    return setrlimit((int)a[0].number, &limit);
}

OP(setgroups) {
    COLD static gid_t groups[GROUPS_MAX];
    size_t count = 0;
    struct cursor items = items_of(&a[0]);
    const char *text;
    for (uint32_t length; count < GROUPS_MAX && next_item(&items, &text, &length);) {
        char *end;
        unsigned long group = strtoul(text, &end, 10);
        if (end == text || *end || group > UINT32_MAX) return errno = EINVAL, -1;
        groups[count++] = (gid_t)group;
    }
    return (int)syscall(SYS_setgroups, count, groups);
}

OP(setresgid) { return (int)syscall(SYS_setresgid, (gid_t)a[0].number, (gid_t)a[0].number, (gid_t)a[0].number); }
OP(setresuid) { return (int)syscall(SYS_setresuid, (uid_t)a[0].number, (uid_t)a[0].number, (uid_t)a[0].number); }

OP(capbset) {
    for (unsigned long bit = 0; bit < CAPABILITY_BITS; bit++)
        if (!(a[0].number >> bit & 1) && prctl(PR_CAPBSET_DROP, bit, 0, 0, 0) < 0)
            return errno == EINVAL ? 0 : -1; /* EINVAL: the kernel has no more */
    return 0;
}

OP(capset) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t)(a[0].number >> 32 * i);
        data[i].permitted = (uint32_t)(a[1].number >> 32 * i);
        data[i].inheritable = (uint32_t)(a[2].number >> 32 * i);
    }
    return (int)syscall(SYS_capset, &header, data);
}

OP(capambient) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
    for (unsigned long bit = 0; bit < CAPABILITY_BITS; bit++)
        if (a[0].number >> bit & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0) < 0) return -1;
    return 0;
}

OP(seccomp) {
    size_t count = a[1].length / sizeof(struct sock_filter);
    if (count == 0 || count > UINT16_MAX || a[1].length % sizeof(struct sock_filter)) return errno = EINVAL, -1;
    struct sock_fprog program = {(unsigned short)count, (struct sock_filter *)(uintptr_t)a[1].text};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)a[0].number, &program);
}

/* A terminated array of a list's strings, never freed: its process soon executes a program or ends. */
char **string_vector(const struct operand *list) {
    size_t size = ((size_t)list->length + 1) * sizeof(char *), count = 0;
    char **vector = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vector == MAP_FAILED) return NULL;
    struct cursor items = items_of(list);
    const char *text;
    for (uint32_t length; next_item(&items, &text, &length);) vector[count++] = (char *)(uintptr_t)text;
    return vector;
}

OP(execve) {
    struct child *child = &run->area->children[place_of(run->plan, run->place)];
    char **argv = string_vector(&a[1]), **env = string_vector(&a[2]);
    if (!argv || !env) return -1;
    struct cursor paths = items_of(&a[0]);
    const char *path;
    int err = ENOENT;
    bool next = true;
    child->phase = CHILD_EXECUTED;
    for (uint32_t length; next && next_item(&paths, &path, &length);) {
        execve(path, argv, env);
        next = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
        if (err != EACCES || !next) err = errno;
    }
    child->phase = CHILD_BORN;
    return errno = err, -1;
}

/* Ignoring SIGCHLD reaps. Nothing may hold what the shim has closed, nor the channel: the plan goes on. */
OP(reap) {
    signal(SIGCHLD, SIG_IGN);
    prctl(PR_SET_NAME, "pause");
    run->area->children[place_of(run->plan, run->place)].phase = CHILD_DONE;
    sys_close_range(0, UINT32_MAX, 0);
    for (;;) pause();
}
