/* coracle-shim --run-plans DIR FILE...: carries plans out one after the other without a daemon, relays what containers
 * write to pipes, and waits for them. For tests and for whoever wants to see what a plan does. Results go to DIR. */
#include "plan.h"

enum { PLANS_MAX = 16 };

static struct worker_area *areas; /* of all plans */

static void relay(const struct gift *gift) {
    char bytes[4096];
    if (gift->role != ROLE_STDOUT && gift->role != ROLE_STDERR && gift->role != ROLE_TTY) return;
    for (ssize_t n; (n = read(gift->fd, bytes, sizeof bytes)) > 0;)
        if (write(1, bytes, (size_t)n) < 0) return;
}

/* Until this child has ended, or (0) all that executed a program. */
static void reap_until(pid_t last) {
    int status;
    for (pid_t pid = -1; pid != last && (pid = waitpid(-1, &status, __WALL)) > 0;)
        for (unsigned i = 0; i < PLANS_MAX * CHILD_MAX; i++) {
            const struct child *child = &areas[i / CHILD_MAX].children[i % CHILD_MAX];
            if (child->pid == pid && child->phase == CHILD_EXECUTED) dprintf(1, "exit %s %d\n", child->id, status);
        }
}

static void finish(struct worker_area *area, long us) {
    for (uint32_t i = 0; i < area->child_count; i++)
        if (area->err && area->children[i].pid) kill(area->children[i].pid, SIGKILL);
    if (area->err) {
        dprintf(1, "failed %d %d %s\n", area->failed_op, area->err, area->detail);
        return;
    }
    dprintf(1, "done %ld us\n", us);
    kept_change(area);
    for (uint32_t i = 0; i < area->gift_count; i++) relay(&area->gifts[i]);
}

static int run_one(int dir, const char *file, unsigned index) {
    CLOSED plan = open(file, O_RDONLY | O_CLOEXEC);
    struct worker_area *area = &areas[index];
    struct timespec from, to;
    int up[2];
    if (plan < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, up) < 0) return -1;
    clock_gettime(CLOCK_MONOTONIC, &from);
    pid_t worker = fork();
    if (worker == 0) _exit(plan_run(plan, index, dir, up[1], area) < 0);
    reap_until(worker);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (area->err == 0 && plan_take(up[0], area) < 0) plan_fail(area, -1, errno, "descriptors are lost");
    finish(area, (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
    close(up[0]);
    return close(up[1]);
}

int run_plans(int count, char **arguments) {
    CLOSED dir = open(arguments[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    void *memory = mmap(NULL, sizeof *areas * PLANS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    areas = memory;
    if (dir < 0 || memory == MAP_FAILED || count > PLANS_MAX) return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 1; i < count; i++)
        if (run_one(dir, arguments[i], (unsigned)i - 1) < 0) return 2;
    for (unsigned i = 0; i < PLANS_MAX * CHILD_MAX; i++) {
        const struct child *child = &areas[i / CHILD_MAX].children[i % CHILD_MAX];
        if (child->kind == CHILD_INIT && child->pid) kill(child->pid, SIGKILL);
    }
    reap_until(0);
    return 0;
}
