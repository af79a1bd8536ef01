/* Control groups as a whole: killing all that is in them, and taking them away. */
#include "plan.h"
#include <linux/bpf.h>

enum { DEPTH_MAX = 32, FREEZE_TRIES = 200, FREEZE_PAUSE_US = 100, PAUSE_FIRST_US = 50, PAUSE_MAX_US = 10000 };

struct sweep {
    bool kill;
    unsigned found;
    pid_t one;
};

/* What can be done with a group; called for those below it first. */
typedef int visit(int parent, const char *name, int dir, void *state);

static int walk_groups(int parent, const char *name, int depth, visit *each, void *state) {
    CLOSED dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0) return errno == ENOENT || errno == ENODEV ? 0 : -1;
    if (depth == DEPTH_MAX) return errno = ELOOP, -1;
    struct listing below = {.dir = dir};
    for (const struct entry *entry; (entry = next_entry(&below));)
        if (entry->type == 4 /* DT_DIR */ && entry->name[0] != '.' &&
            walk_groups(dir, entry->name, depth + 1, each, state) < 0)
            return -1;
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

/* v1: what is frozen can neither fork nor leave its pid to another. */
static bool freeze(int dir) {
    if (write_text(dir, "freezer.state", "FROZEN") < 0) return false;
    for (int i = 0; i < FREEZE_TRIES; i++) {
        char state[16];
        read_text(dir, "freezer.state", state, sizeof state);
        if (strncmp(state, "FROZEN", 6) == 0) break;
        pause_us(FREEZE_PAUSE_US);
    }
    return true;
}

/* Sends SIGKILL to all in the group at path and below; notes in sweep how many it found. */
static int kill_group(const char *path, struct sweep *sweep) {
    CLOSED dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return errno == ENOENT || errno == ENODEV ? 0 : -1;
    bool killed = write_text(dir, "cgroup.kill", "1") == 0;
    struct sweep count = {0};
    if (walk_groups(AT_FDCWD, path, 0, sweep_group, &count) < 0) return -1;
    sweep->found += count.found;
    sweep->one = count.one ? count.one : sweep->one;
    if (killed || count.found == 0) return 0;
    bool frozen = freeze(dir);
    count.kill = true;
    int done = walk_groups(AT_FDCWD, path, 0, sweep_group, &count);
    if (frozen) write_text(dir, "freezer.state", "THAWED");
    return done;
}

static void tell_survivor(struct run *run, const struct sweep *sweep) {
    char channel[64];
    read_wait_channel(sweep->one, channel, sizeof channel);
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

OP(cpuset_inherit) {
    CLOSED group = open(a[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return group < 0 ? -1 : inherit_cpuset(group);
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
