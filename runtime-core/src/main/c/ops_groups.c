/* Control groups as a whole: killing all that is in them, and taking them away. */
#include "plan.h"
#include <linux/bpf.h>

enum { DEPTH_MAX = 32, FREEZE_TRIES = 200, FREEZE_PAUSE_US = 100, PAUSE_FIRST_US = 50, PAUSE_MAX_US = 10000 };

/* The next number of a file of pids; false at its end. A digit at a time: such files are read seldom, and are
 * short. */
bool next_pid(int file, pid_t *pid) {
    char digit;
    bool any = false;
    *pid = 0;
    while (read(file, &digit, 1) == 1) {
        if (digit < '0' || digit > '9') {
            if (any) return true;
            continue;
        }
        *pid = *pid * 10 + (digit - '0');
        any = true;
    }
    return any;
}

struct sweep {
    bool kill;
    unsigned found;
    pid_t one;
};

/* What can be done with a group; called for those below it first. */
typedef int visit(int parent, const char *name, int dir, void *state);

/* The kernel's own layout, which libc hides. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

static int walk_groups(int parent, const char *name, int depth, visit *each, void *state) {
    CLOSED dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0) return errno == ENOENT || errno == ENODEV ? 0 : -1;
    if (depth == DEPTH_MAX) return errno = ELOOP, -1;
    char buffer[2048] __attribute__((aligned(8)));
    for (long size; (size = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0;) {
        for (long at = 0; at < size;) {
            const struct entry *entry = (const void *)(buffer + at);
            at += entry->size;
            if (entry->type == 4 /* DT_DIR */ && entry->name[0] != '.' &&
                walk_groups(dir, entry->name, depth + 1, each, state) < 0)
                return -1;
        }
    }
    return each(parent, name, dir, state);
}

static int sweep_group(int parent, const char *name, int dir, void *state) {
    (void)parent;
    (void)name;
    struct sweep *sweep = state;
    CLOSED processes = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    for (pid_t pid; processes >= 0 && next_pid(processes, &pid);) {
        sweep->found++;
        if (pid <= 0) /* of a pid namespace that is not ours to see: 0 would be our own process group */
            continue;
        sweep->one = pid;
        if (sweep->kill) kill(pid, SIGKILL);
    }
    return 0;
}

static int write_file(int dir, const char *name, const char *text) {
    CLOSED file = openat(dir, name, O_WRONLY | O_CLOEXEC);
    return file < 0 || write(file, text, strlen(text)) < 0 ? -1 : 0;
}

/* v1: what is frozen can neither fork nor leave its pid to another. */
static bool freeze(int dir) {
    if (write_file(dir, "freezer.state", "FROZEN") < 0) return false;
    for (int i = 0; i < FREEZE_TRIES; i++) {
        char state[16] = "";
        CLOSED file = openat(dir, "freezer.state", O_RDONLY | O_CLOEXEC);
        if (file >= 0 && read(file, state, sizeof state - 1) > 0 && strncmp(state, "FROZEN", 6) == 0) break;
        pause_us(FREEZE_PAUSE_US);
    }
    return true;
}

/* Sends SIGKILL to all in the group at path and below; notes in sweep how many it found. */
static int kill_group(const char *path, struct sweep *sweep) {
    CLOSED dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return errno == ENOENT || errno == ENODEV ? 0 : -1;
    bool killed = write_file(dir, "cgroup.kill", "1") == 0;
    struct sweep count = {0};
    if (walk_groups(AT_FDCWD, path, 0, sweep_group, &count) < 0) return -1;
    sweep->found += count.found;
    sweep->one = count.one ? count.one : sweep->one;
    if (killed || count.found == 0) return 0;
    bool frozen = freeze(dir);
    count.kill = true;
    int done = walk_groups(AT_FDCWD, path, 0, sweep_group, &count);
    if (frozen) write_file(dir, "freezer.state", "THAWED");
    return done;
}

static void tell_survivor(struct run *run, const struct sweep *sweep) {
    char path[48], channel[64] = "";
    snprintf(path, sizeof path, "/proc/%d/wchan", sweep->one);
    CLOSED file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, channel, sizeof channel - 1) < 0) channel[0] = 0;
    snprintf(run->detail, sizeof run->detail, "%u processes survive SIGKILL; pid %d waits in %s", sweep->found,
             sweep->one, channel[0] ? channel : "an unknown place");
}

OP(kill_all) {
    int64_t deadline = clock_ms() + (int64_t)a[1].number;
    for (long pause = PAUSE_FIRST_US;; pause = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US) {
        struct sweep sweep = {0};
        struct cursor groups = items_of(&a[0]);
        const char *path;
        for (uint32_t length; next_item(&groups, &path, &length);)
            if (kill_group(path, &sweep) < 0) return -1;
        if (sweep.found == 0) return 0;
        if (clock_ms() >= deadline) {
            tell_survivor(run, &sweep);
            return errno = ETIMEDOUT, -1;
        }
        pause_us(pause);
    }
}

static int remove_one(int parent, const char *name, int dir, void *state) {
    (void)dir;
    (void)state;
    return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

OP(remove_group) {
    int64_t deadline = clock_ms() + (int64_t)a[1].number;
    for (long pause = PAUSE_FIRST_US;; pause = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US) {
        if (walk_groups(AT_FDCWD, a[0].text, 0, remove_one, NULL) == 0) return 0;
        if (errno != EBUSY || clock_ms() >= deadline) return -1;
        pause_us(pause);
    }
}

/* A v1 group whose cpus or memory nodes are empty takes no process. */
static int inherit(int group, const char *name) {
    char value[4096];
    CLOSED own = openat(group, name, O_RDWR | O_CLOEXEC);
    if (own < 0) return -1;
    if (read(own, value, sizeof value) > 1) return 0;
    CLOSED above = openat(group, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLOSED from = above < 0 ? -1 : openat(above, name, O_RDONLY | O_CLOEXEC);
    ssize_t size = from < 0 ? -1 : read(from, value, sizeof value);
    return size < 0 || pwrite(own, value, (size_t)size, 0) < 0 ? -1 : 0;
}

OP(cpuset_inherit) {
    CLOSED group = open(a[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return group < 0 || inherit(group, "cpuset.mems") < 0 ? -1 : inherit(group, "cpuset.cpus");
}

/* The group holds the program; both go with it. */
OP(device_filter) {
    union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                           .insn_cnt = a[1].length / sizeof(struct bpf_insn),
                           .insns = (uintptr_t)a[1].text,
                           .license = (uintptr_t) ""};
    CLOSED program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    if (program < 0) return -1;
    union bpf_attr attach = {.target_fd = (uint32_t)a[0].fd,
                             .attach_bpf_fd = (uint32_t)program,
                             .attach_type = BPF_CGROUP_DEVICE,
                             .attach_flags = BPF_F_ALLOW_MULTI};
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach);
}
