/* Plans under way: each is carried out by a worker, a child that shares one worker_area with the supervising
 * process. */
#include "supervise.h"

enum { DIE_MS = 1000, PAGE = 4096, AREA_SIZE = (sizeof(struct worker_area) + PAGE - 1) / PAGE * PAGE };

COLD struct worker workers[WORKER_MAX];
unsigned worker_count;

COLD struct kept kept[KEPT_MAX];
static unsigned kept_high; /* no entry in use at or above */
static char *areas;        /* AREA_SIZE each, shared with the workers */

struct worker_area *worker_area(const struct worker *w) {
    return (struct worker_area *)(areas + (w - workers) * AREA_SIZE);
}

struct worker *worker_of_plan(uint64_t plan) {
    for (struct worker *w = workers; w < workers + worker_count; w++)
        if (w->state != WORKER_FREE && w->plan == plan) return w;
    return NULL;
}

struct worker *worker_of_pid(pid_t pid) {
    for (struct worker *w = workers; w < workers + worker_count; w++)
        if (w->state == WORKER_RUNS && w->pid == pid) return w;
    return NULL;
}

/* kept slots */

bool slots_kept(void) { return kept_high > 0; }

static void drop_slot(const char *name) {
    for (unsigned i = 0; i < kept_high; i++)
        if (strcmp(kept[i].name, name) == 0) {
            close_end(&kept[i].fd);
            kept[i].name[0] = 0;
        }
    while (kept_high > 0 && !kept[kept_high - 1].name[0]) kept_high--;
}

static void keep_slot(const struct kept *slot) {
    drop_slot(slot->name);
    for (unsigned i = 0; i < KEPT_MAX; i++)
        if (!kept[i].name[0]) {
            kept[i] = *slot;
            kept_high = i >= kept_high ? i + 1 : kept_high;
            return;
        }
}

void kept_change(const struct worker_area *area) {
    for (unsigned i = 0; i < area->dropped_count; i++) drop_slot(area->dropped[i].name);
    for (unsigned i = 0; i < area->kept_count; i++) keep_slot(&area->kept[i]);
}

static unsigned slots_free(void) {
    unsigned used = 0;
    for (unsigned i = 0; i < kept_high; i++) used += kept[i].name[0] != 0;
    return KEPT_MAX - used;
}

/* start */

static void work(int plan_fd, int up, const struct worker *w, pid_t supervisor) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(1);
    restore_signals();
    _exit(plan_run(plan_fd, w->plan, plans_dir, up, worker_area(w)) == 0 ? 0 : 1);
}

static struct worker *worker_take(void) {
    if (!areas) {
        void *at =
            mmap(NULL, (size_t)WORKER_MAX * AREA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) return NULL;
        areas = at;
    }
    for (struct worker *w = workers; w < workers + WORKER_MAX; w++)
        if (w->state == WORKER_FREE) {
            if (w >= workers + worker_count) worker_count = (unsigned)(w - workers) + 1;
            *w = (struct worker){.up = -1};
            return w;
        }
    return errno = EAGAIN, NULL;
}

void worker_free(struct worker *w) {
    close_end(&w->up);
    madvise(worker_area(w), AREA_SIZE, MADV_REMOVE);
    *w = (struct worker){.state = WORKER_FREE};
    while (worker_count > 0 && workers[worker_count - 1].state == WORKER_FREE) worker_count--;
}

/* Begins with plans/PLAN.plan. What comes of it is told to the session, if there is one, else to the control
 * connection. */
int worker_start(uint64_t plan, uint32_t deadline_ms, bool durable, struct session *session) {
    char name[32];
    int ends[2];
    snprintf(name, sizeof name, "%llu.plan", (unsigned long long)plan);
    CLOSED fd = openat(plans_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    CLOSED up = ends[0];
    CLOSED workers_end = ends[1];
    struct worker *w = worker_take();
    if (!w) return -1;
    w->plan = plan;
    w->durable = durable;
    worker_area(w)->durable = durable;
    w->running_told = true;
    w->session = session;
    w->deadline = clock_ms() + deadline_ms;
    pid_t supervisor = getpid();
    w->pid = fork();
    if (w->pid == 0) work(fd, workers_end, w, supervisor);
    if (w->pid < 0) {
        worker_free(w);
        return errno = EAGAIN, -1;
    }
    w->state = WORKER_RUNS;
    w->up = up;
    up = -1;
    return 0;
}

void worker_kill(struct worker *w, int why) {
    if (w->state != WORKER_RUNS || w->killed) return;
    w->killed = why;
    w->deadline = clock_ms() + DIE_MS;
    w->killer = kill_tree(w->pid, 0);
}

/* end */

/* The plan's outcome is final: no process and no descriptor of it is left but what it was to leave. */
static void worker_ended(struct worker *w) {
    w->state = WORKER_ENDED;
    close_end(&w->up);
    if (w->durable && !worker_area(w)->has_result) plan_result(plans_dir, w->plan, worker_area(w));
    struct session *s = w->session;
    if (!s) return;
    w->session = NULL;
    session_failed(s, w);
    worker_free(w);
}

/* The process that this plan's end waits for; 0: there is none. */
pid_t worker_waits_for(const struct worker *w) {
    const struct worker_area *area = worker_area(w);
    if (w->pid) return w->pid;
    for (int i = 0; i < CHILD_MAX; i++)
        if (area->children[i].pid > 0 && !w->children[i].dead) return area->children[i].pid;
    return w->killer;
}

static void worker_failed(struct worker *w, int error) {
    struct worker_area *area = worker_area(w);
    w->failed = true;
    w->state = WORKER_FAILS;
    w->deadline = clock_ms() + DIE_MS;
    area->err = error;
    for (int i = 0; i < CHILD_MAX; i++)
        if (area->children[i].pid > 0 && !w->children[i].dead) kill(area->children[i].pid, SIGKILL);
    if (!worker_waits_for(w)) worker_ended(w);
}

static void take_descriptors(struct worker_area *area) {
    for (unsigned i = 0; i < area->gift_count; i++) {
        struct process *p = process_of_id(area->gifts[i].id);
        if (p)
            process_give(p, area->gifts[i].role, area->gifts[i].fd);
        else
            close(area->gifts[i].fd);
    }
    struct process *p = area->has_log ? process_of_id(area->log.id) : NULL;
    if (p && p->log)
        log_start(p->log, area->log.fd, area->log.path);
    else if (area->has_log)
        close(area->log.fd);
    kept_change(area);
}

/* Makes processes of the plan's children, and hands them what the plan gave. */
static int take_over(struct worker *w, struct process **made) {
    struct worker_area *area = worker_area(w);
    bool room = area->kept_count <= slots_free();
    for (int i = 0; i < CHILD_MAX && room; i++)
        if (area->children[i].pid > 0 && area->children[i].kind != CHILD_HELPER) {
            made[i] = process_add(&area->children[i]);
            room = made[i] != NULL;
        }
    if (room && plan_take(w->up, area) == 0) {
        take_descriptors(area);
        return 0;
    }
    int error = room ? errno : ENFILE;
    for (int i = 0; i < CHILD_MAX; i++)
        if (made[i]) process_free(made[i]);
    return errno = error, -1;
}

static void worker_succeeded(struct worker *w) {
    struct process *made[CHILD_MAX] = {0};
    if (take_over(w, made) < 0) {
        worker_failed(w, errno);
        return;
    }
    for (int i = 0; i < CHILD_MAX; i++)
        if (made[i] && made[i]->kind == CHILD_EXEC && (w->session || !w->children[i].dead))
            session_started(w->session, made[i]);
    for (int i = 0; i < CHILD_MAX; i++)
        if (made[i] && w->children[i].dead) process_ended(made[i], w->children[i].status, w->children[i].ended);
    worker_ended(w);
}

/* A plan that was killed, or whose worker broke down, may not have had the time to say so. */
void worker_reaped(struct worker *w, int status) {
    struct worker_area *area = worker_area(w);
    w->pid = 0;
    if (status == 0) {
        worker_succeeded(w);
        return;
    }
    if (WIFSIGNALED(status) && !w->killed && area->program > 0) w->killer = kill_tree(area->program, 0);
    if (w->killed)
        area->failed_op = area->claimed ? area->failed_op : -1;
    else if (WIFSIGNALED(status))
        plan_fail(area, -1, EIO, strsignal(WTERMSIG(status)));
    worker_failed(w, w->killed ? w->killed : area->err ? area->err : EIO);
}

/* Notes the exit of a child that belongs to a plan under way. */
void worker_child_reaped(pid_t pid, int status) {
    for (struct worker *w = workers; w < workers + worker_count; w++) {
        if (w->state != WORKER_RUNS && w->state != WORKER_FAILS) continue;
        if (w->killer == pid) w->killer = 0;
        for (int i = 0; i < CHILD_MAX; i++)
            if (worker_area(w)->children[i].pid == pid && !w->children[i].dead) {
                w->children[i].dead = true;
                w->children[i].status = status;
                w->children[i].ended = clock_ns();
            }
        if (w->state == WORKER_FAILS && !worker_waits_for(w)) worker_ended(w);
    }
}

static void worker_stuck(struct worker *w) {
    w->stuck = true;
    struct session *s = w->session;
    if (!s) return;
    w->session = NULL;
    worker_area(w)->err = w->killed ? w->killed : worker_area(w)->err;
    session_failed(s, w);
}

void workers_tick(void) {
    int64_t now = clock_ms();
    for (struct worker *w = workers; w < workers + worker_count; w++) {
        if ((w->state != WORKER_RUNS && w->state != WORKER_FAILS) || w->stuck) continue;
        if (now >= w->deadline && w->state == WORKER_RUNS && !w->killed)
            worker_kill(w, ETIMEDOUT);
        else if (now >= w->deadline)
            worker_stuck(w);
        else
            wake_by(w->deadline);
    }
}
