/* The daemon's connection: orders down, news up. News wait in the tables of processes and workers until they
 * are told, so a daemon that is slow or gone loses none. */
#include "supervise.h"

enum { VERSION = 1, FLAG_DURABLE = 1, FLAG_RESULT = 1, ORDERS_PER_ROUND = 64 };

static int control; /* 0: none, that is /dev/null */
COLD static struct intake intake;
static bool full, hello_told, synced; /* full: the daemon does not read */

/* An answer that did not go out; no order is taken before it has. */
static struct {
    bool waits;
    uint8_t type;
    uint64_t id;
    struct payload payload;
} answer;

bool control_alive(void) { return control > 0; }

static void hang_up(void) {
    if (control > 0) close(control);
    control = 0;
    intake.have = 0;
    answer.waits = full = false;
}

void control_accept(int fd) {
    hang_up();
    control = fd;
    hello_told = synced = false;
    for (struct process *p = processes; p < processes + process_count; p++) {
        p->running_told = p->dead;
        p->exit_told = false;
    }
    for (struct worker *w = workers; w < workers + worker_count; w++) w->running_told = w->stuck_told = false;
}

/* up */

static bool tell(uint8_t type, uint8_t flags, uint64_t id, const struct payload *p) {
    if (control <= 0 || full) return false;
    if (frame_send(control, type, flags, id, p) == 0) return true;
    if (errno == EAGAIN)
        full = true;
    else
        hang_up();
    return false;
}

void put_failure(struct payload *p, const struct worker *w) {
    const struct worker_area *area = worker_area(w);
    char detail[DETAIL_MAX];
    snprintf(detail, sizeof detail, "%.*s", DETAIL_MAX - 1, area->detail);
    put(p, (uint32_t)area->failed_op, 4);
    put(p, (uint32_t)area->err, 4);
    put_text(p, detail);
}

static void tell_worker(struct worker *w) {
    struct payload p = {0};
    bool runs = w->state == WORKER_RUNS || w->state == WORKER_FAILS;
    if (runs && !w->running_told) w->running_told = tell(FRAME_PLAN, 0, w->plan, NULL);
    if (runs && w->stuck && !w->stuck_told) {
        char channel[64];
        pid_t pid = worker_waits_for(w);
        read_wait_channel(pid, channel, sizeof channel);
        put(&p, (uint32_t)pid, 4);
        put_text(&p, channel);
        w->stuck_told = tell(FRAME_STUCK, 0, w->plan, &p);
    }
    if (w->state != WORKER_ENDED) return;
    if (w->failed) put_failure(&p, w);
    if (w->failed ? tell(FRAME_FAILED, 0, w->plan, &p)
                  : tell(FRAME_DONE, worker_area(w)->has_result ? FLAG_RESULT : 0, w->plan, NULL))
        worker_free(w);
}

static void tell_running(struct process *process) {
    struct payload p = {0};
    put(&p, (uint32_t)process->pid, 4);
    put(&p, (uint64_t)process->started, 8);
    put_text(&p, process->id);
    process->running_told = tell(FRAME_RUNNING, 0, 0, &p);
}

static void tell_exit(struct process *process) {
    struct payload p = {0};
    put(&p, (uint32_t)process->status, 4);
    put(&p, (uint64_t)process->started, 8);
    put(&p, (uint64_t)process->ended, 8);
    put(&p, process->oom, 4);
    put(&p, process->log->lost_ever, 8);
    put_text(&p, process->id);
    process->exit_told = tell(FRAME_EXITED, 0, 0, &p);
}

static bool tell_hello(void) {
    struct payload p = {0};
    put(&p, VERSION, 4);
    put(&p, (uint32_t)getpid(), 4);
    return tell(FRAME_HELLO_UP, 0, 0, &p);
}

/* Tells what is not told yet, as far as the socket takes it: of a plan that starts a container RUNNING, DONE,
 * EXITED. */
void control_pump(void) {
    if (control <= 0 || full) return;
    if (answer.waits) answer.waits = !tell(answer.type, 0, answer.id, &answer.payload);
    if (!hello_told) hello_told = tell_hello();
    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->id[0] && p->log && !p->running_told) tell_running(p);
    for (struct worker *w = workers; w < workers + worker_count; w++)
        if (w->state != WORKER_FREE) tell_worker(w);
    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->id[0] && p->log && p->dead && !p->exit_told) tell_exit(p);
    if (!synced) synced = tell(FRAME_SYNCED, 0, 0, NULL);
}

/* down */

static void reply(uint8_t type, uint64_t id, const struct payload *p) {
    answer.type = type;
    answer.id = id;
    answer.payload = *p;
    answer.waits = !tell(type, 0, id, p);
}

static void execute(struct frame *f) {
    uint32_t deadline = (uint32_t)take(f, 4);
    if (f->malformed || worker_start(f->id, deadline, f->flags & FLAG_DURABLE, NULL) == 0) return;
    struct payload p = {0};
    put_refusal(&p, "the plan could not be started");
    reply(FRAME_FAILED, f->id, &p);
}

/* NULL with ESRCH where there is none of that name. */
static struct process *process_named(struct frame *f) {
    char id[ID_MAX];
    take_text(f, id, sizeof id);
    errno = ESRCH;
    return process_of_id(id);
}

static int signal_process(struct frame *f) {
    int number = (int)take(f, 4);
    const struct process *p = process_named(f);
    return p && !p->dead ? kill(p->pid, number) : -1;
}

static int reopen_log(struct frame *f) {
    COLD static char path[4096];
    const struct process *p = process_named(f);
    take_text(f, path, sizeof path);
    return p && !p->dead && p->log && !f->malformed ? log_reopen(p->log, path) : -1;
}

static int resize(struct frame *f) {
    uint16_t rows = (uint16_t)take(f, 2), columns = (uint16_t)take(f, 2);
    const struct process *p = process_named(f);
    return p ? process_resize(p, rows, columns) : -1;
}

static int close_stdin(struct frame *f) {
    struct process *p = process_named(f);
    if (p) process_close_stdin(p);
    return p ? 0 : -1;
}

static void acknowledge(struct frame *f) {
    struct process *p = process_named(f);
    if (p && p->dead) process_free(p);
}

static int quit(void) {
    bool busy = worker_count > 0;
    for (const struct process *p = processes; p < processes + process_count; p++) busy = busy || (p->id[0] && !p->dead);
    if (!busy) end_shim();
    return errno = EBUSY, -1;
}

static void on_order(struct frame *f) {
    int done;
    struct worker *w;
    struct payload p = {0};
    switch (f->type) {
    case FRAME_EXECUTE: execute(f); return;
    case FRAME_KILL_PLAN:
        w = worker_of_plan(f->id);
        if (w) worker_kill(w, ECANCELED);
        return;
    case FRAME_ACK: acknowledge(f); return;
    case FRAME_SIGNAL: done = signal_process(f); break;
    case FRAME_REOPEN: done = reopen_log(f); break;
    case FRAME_RESIZE: done = resize(f); break;
    case FRAME_CLOSE_STDIN: done = close_stdin(f); break;
    case FRAME_QUIT: done = quit(); break;
    default: f->malformed = true; return;
    }
    put(&p, done < 0 ? (uint32_t)errno : 0, 4);
    reply(FRAME_ANSWER, f->id, &p);
}

static void on_control(void *none, short events) {
    (void)none;
    struct frame f;
    int got = 0;
    if (events & POLLOUT) full = false;
    for (int i = 0; i < ORDERS_PER_ROUND && control > 0 && !full && !answer.waits; i++) {
        got = frame_receive(control, &intake, &f);
        if (got <= 0) break;
        on_order(&f);
        intake.have = 0;
        got = f.malformed ? -1 : 0;
        if (f.malformed) break;
    }
    if (got < 0 || (events & (POLLHUP | POLLERR))) hang_up();
}

void control_watch(void) {
    if (control > 0) watch(control, full || answer.waits ? POLLOUT : POLLIN, on_control, NULL);
}
