/* The spawner: makes the pods' shims by forking itself. A fork costs 0.1 ms, is born into the shims' cgroup,
 * and shares its memory. */
#include "supervise.h"
#include <stdlib.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <sys/un.h>

enum { PAGE = 4096, BACKLOG = 4096 };

/* A container that gets hold of /proc/PID/exe of a shim could reopen the binary for writing (CVE-2019-5736),
 * so it runs from a read-only detached mount of it. Returns only where it does, or with -1. */
static int run_from_read_only_clone(char **argv) {
    struct statvfs file;
    struct mount_attributes attributes = {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
    if (statvfs("/proc/self/exe", &file) < 0) return -1;
    if (file.f_flag & ST_RDONLY) return 0;
    CLOSED clone = sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE);
    if (clone < 0 || sys_mount_setattr(clone, 0, &attributes) < 0) return -1;
    return (int)syscall(SYS_execveat, clone, "", argv, environ, AT_EMPTY_PATH);
}

/* Roots of user namespaces pass through the groups; older versions made them for root alone. A new cpuset group of
 * cgroup v1 has no CPUs and takes no process before it has. */
static int make_group(int parent, const char *name) {
    if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) return -1;
    int group = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group >= 0) fchmod(group, 0755);
    if (group >= 0) inherit_cpuset(group);
    return group;
}

/* cgroup v1 has "tasks", which moves a process of one thread without waiting for an RCU grace period. */
static int enter(int group) {
    return write_text(group, "tasks", "0") == 0 ? 0 : write_text(group, "cgroup.procs", "0");
}

/* Enters coracle/shims below each of the directories, which commas part. */
static int enter_groups(char *list) {
    char *rest = NULL;
    for (char *path = strtok_r(list, ":", &rest); path; path = strtok_r(NULL, ":", &rest)) {
        CLOSED root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLOSED coracle = root < 0 ? -1 : make_group(root, "coracle");
        CLOSED shims = coracle < 0 ? -1 : make_group(coracle, "shims");
        if (shims < 0 || enter(shims) < 0) return -1;
    }
    return 0;
}

static int open_lock(int dir, const char *path, int operation) {
    int fd = openat(dir, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, operation) < 0) close_end(&fd);
    return fd;
}

static int listen_in(int dir) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "shim.sock"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (fchdir(dir) < 0 || (unlink(address.sun_path) < 0 && errno != ENOENT) ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0)
        close_end(&fd);
    if (chdir("/") < 0) close_end(&fd);
    return fd;
}

static int make_directory(int dir, const char *name) {
    return mkdirat(dir, name, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

static void become_shim(int dir, int listener, int null, int spawner_lock) __attribute__((noreturn));
static void become_shim(int dir, int listener, int null, int spawner_lock) {
    close(spawner_lock);
    setsid();
    prctl(PR_SET_NAME, "coracle-shim");
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    close(null);
    supervise(dir, listener);
}

/* Makes the shim of the pod whose directory is at path. Returns what failed, with errno set, or NULL. */
static const char *spawn(const char *path, int null, int spawner_lock, pid_t *pid) {
    CLOSED dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0) return "directory";
    CLOSED lock = open_lock(dir, "lock", LOCK_EX | LOCK_NB);
    if (lock < 0) return "lock";
    if (make_directory(dir, "plans") < 0 || make_directory(dir, "exits") < 0) return "make directories";
    CLOSED listener = listen_in(dir);
    if (listener < 0) return "socket";
    *pid = fork();
    if (*pid == 0) become_shim(dir, listener, null, spawner_lock); /* with the lock */
    return *pid < 0 ? "fork" : NULL;
}

/* Not inherited by shims, which would otherwise each keep its old pages. */
COLD static _Alignas(PAGE) char line[2 * PAGE];

/* Reads a line without its end, byte by byte: a buffer would be one more page for every shim. */
static bool read_request(void) {
    size_t length = 0;
    while (length < sizeof line - 1 && read(STDIN_FILENO, line + length, 1) == 1)
        if (line[length++] == '\n') {
            line[length - 1] = 0;
            return true;
        }
    return false;
}

static void serve(int null, int lock) {
    pid_t pid;
    while (read_request()) {
        errno = EINVAL;
        const char *failed = strncmp(line, "spawn /", 7) == 0 ? spawn(line + 6, null, lock, &pid) : "request";
        if (failed)
            dprintf(STDOUT_FILENO, "error %d %s\n", errno, failed);
        else
            dprintf(STDOUT_FILENO, "ok %d\n", pid);
    }
}

static int refuse(const char *what) {
    dprintf(STDOUT_FILENO, "error %d %s\n", errno, what);
    return 1;
}

/* Serves requests until the daemon is gone. Only one spawner serves a run directory: the next waits for the
 * lock, so it begins when no spawn of the one before is under way. */
int spawner(const char *run, char *groups, char **argv) {
    if (run_from_read_only_clone(argv) < 0) return refuse("read-only clone of the binary");
    sys_close_range(3, UINT32_MAX, 0);
    prctl(PR_SET_DUMPABLE, 0);
    umask(077);
    signal(SIGCHLD, SIG_IGN);
    snprintf(line, sizeof line, "%s/spawner.lock", run);
    int lock = open_lock(AT_FDCWD, line, LOCK_EX);
    if (lock < 0) return refuse("spawner.lock");
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return refuse("/dev/null");
    if (groups && enter_groups(groups) < 0) return refuse("enter the cgroup");
    write_text(AT_FDCWD, "/proc/self/oom_score_adj", "-998"); /* where the right is missing it stays the daemon's */
    madvise(line, sizeof line, MADV_DONTFORK);
    clock_ms(); /* finds the vdso, once for all shims */
    dprintf(STDOUT_FILENO, "ready " CORACLE_VERSION "\n");
    serve(null, lock);
    return 0;
}
