/* Ends a process with all that descends from it, from a process of its own: walking /proc takes time, and a
 * grace passes. */
#include "supervise.h"
#include <stdlib.h>

enum { SEEN_MAX = 32768, TARGET_MAX = 1024, ROUNDS = 20, PAUSE_US = 5000 };

struct seen {
    pid_t pid, parent, group, session;
    bool target, zombie;
};

/* Touched only in the processes that kill_tree forks. */
VAST static struct seen seen[SEEN_MAX];
static size_t seen_count;
COLD static struct pollfd targets[TARGET_MAX]; /* pidfds */
COLD static pid_t target_pids[TARGET_MAX];
static nfds_t target_count;

/* Reads the pid, parent, group and session of the process in /proc/NAME/stat: `PID (COMMAND) STATE PPID PGRP
 * SESSION ...`. */
static bool read_stat(int proc, const char *name, struct seen *s) {
    char path[32], text[512];
    snprintf(path, sizeof path, "%.16s/stat", name);
    read_text(proc, path, text, sizeof text);
    char *rest = strrchr(text, ')');
    if (!rest || strlen(rest) < 4) return false;
    *s = (struct seen){.pid = atoi(name), .zombie = rest[2] == 'Z'};
    s->parent = (pid_t)strtol(rest + 3, &rest, 10);
    s->group = (pid_t)strtol(rest, &rest, 10);
    s->session = (pid_t)strtol(rest, &rest, 10);
    return true;
}

static void see_all(void) {
    CLOSED proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct listing processes = {.dir = proc};
    seen_count = 0;
    for (const struct entry *e; (e = next_entry(&processes));)
        if (e->name[0] >= '1' && e->name[0] <= '9' && seen_count < SEEN_MAX &&
            read_stat(proc, e->name, &seen[seen_count]))
            seen_count++;
}

static struct seen *seen_pid(pid_t pid) {
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i].pid == pid) return &seen[i];
    return NULL;
}

/* Marks the root, its group and session, what is remembered and lives, and all that descends from one that is
 * marked; counts those that live. */
static size_t mark(pid_t root, pid_t group) {
    size_t alive = 0;
    for (nfds_t i = 0; i < target_count; i++) {
        struct seen *s = poll(&targets[i], 1, 0) == 0 ? seen_pid(target_pids[i]) : NULL;
        if (s) {
            s->target = true;
            alive += !s->zombie;
        }
    }
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < seen_count; i++) {
            struct seen *s = &seen[i];
            const struct seen *parent = seen_pid(s->parent);
            if (s->target ||
                !(s->pid == root || s->group == group || s->session == group || (parent && parent->target)))
                continue;
            s->target = more = true;
            alive += !s->zombie;
        }
    }
    return alive;
}

/* Keeps a pidfd of every target, so that what moves to another parent during the grace is still found. */
static void remember(void) {
    for (size_t i = 0; i < seen_count && target_count < TARGET_MAX; i++)
        if (seen[i].target && !seen[i].zombie) {
            int fd = (int)syscall(SYS_pidfd_open, seen[i].pid, 0);
            if (fd < 0) continue;
            target_pids[target_count] = seen[i].pid;
            targets[target_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
}

static void wait_for_targets(int grace_ms) {
    int64_t until = clock_ms() + grace_ms;
    for (nfds_t i = 0; i < target_count; i++) {
        int64_t left = until - clock_ms();
        poll(&targets[i], 1, left > 0 ? (int)left : 0);
    }
}

static void kill_rounds(pid_t root, pid_t group) {
    for (int round = 0; round < ROUNDS; round++) {
        see_all();
        if (mark(root, group) == 0) return;
        for (size_t i = 0; i < seen_count; i++)
            if (seen[i].target) kill(seen[i].pid, SIGKILL);
        pause_us(PAUSE_US);
    }
}

/* Kills root with its group, session and descendants; with a grace, SIGHUP goes to the group first. Returns at once:
 * the pid of the process that does it, or 0 where there can be none, and root and its group are killed all the same. */
pid_t kill_tree(pid_t root, int grace_ms) {
    pid_t group = getpgid(root);
    if (group <= 1 || group == getpgrp()) group = root;
    pid_t pid = fork();
    if (pid < 0) {
        kill(-group, SIGKILL);
        kill(root, SIGKILL);
    }
    if (pid != 0) return pid > 0 ? pid : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sys_close_range(0, UINT32_MAX, 0);
    see_all();
    mark(root, group);
    remember();
    if (grace_ms > 0) {
        kill(-group, SIGHUP);
        kill(-group, SIGCONT);
        wait_for_targets(grace_ms);
    }
    kill_rounds(root, group);
    _exit(0);
}
