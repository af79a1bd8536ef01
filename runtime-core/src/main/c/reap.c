/* Processes that outlive their plan: their output, their exit. */
#include "supervise.h"
#include <stdlib.h>
#include <sys/ioctl.h>

enum { TTY_HOLDS = 131072 }; /* more than a terminal's buffers hold */

COLD struct process processes[PROCESS_MAX];
unsigned process_count;

struct process *process_of_id(const char *id) {
    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->id[0] && strcmp(p->id, id) == 0) return p;
    return NULL;
}

struct process *process_add(const struct child *c) {
    struct process *p = processes;
    while (p < processes + PROCESS_MAX && p->id[0]) p++;
    struct log *log = NULL;
    if (p == processes + PROCESS_MAX || !c->id[0] || (c->kind != CHILD_EXEC && !(log = log_take()))) return NULL;
    *p = (struct process){
        .kind = c->kind, .pid = c->pid, .started = clock_ns(), .in = -1, .out = {-1, -1}, .oom_fd = -1, .log = log};
    snprintf(p->id, sizeof p->id, "%s", c->id);
    if (p >= processes + process_count) process_count = (unsigned)(p - processes) + 1;
    return p;
}

void process_close_output(struct process *p, int stream) {
    if (p->tty) p->in = -1;
    close_end(&p->out[stream]);
}

void process_close_stdin(struct process *p) {
    if (!p->tty) close_end(&p->in);
}

void process_free(struct process *p) {
    process_close_stdin(p);
    process_close_output(p, 0);
    process_close_output(p, 1);
    close_end(&p->oom_fd);
    if (p->log) log_free(p->log);
    p->id[0] = 0;
    while (process_count > 0 && !processes[process_count - 1].id[0]) process_count--;
}

/* Takes over one end of a process's streams, or the file that counts its group's oom kills. */
void process_give(struct process *p, enum role role, int fd) {
    int *ends[] = {[ROLE_STDIN] = &p->in,
                   [ROLE_STDOUT] = &p->out[0],
                   [ROLE_STDERR] = &p->out[1],
                   [ROLE_TTY] = &p->out[0],
                   [ROLE_OOM] = &p->oom_fd};
    if (role == ROLE_TTY) process_close_stdin(p);
    close_end(ends[role]);
    *ends[role] = fd;
    if (role == ROLE_TTY) {
        p->tty = true;
        p->in = fd;
    }
    if (role != ROLE_OOM) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int process_resize(const struct process *p, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    if (!p->tty) return errno = ENOTTY, -1;
    return ioctl(p->out[0], TIOCSWINSZ, &size);
}

/* How much a stream can hold of what a dead process wrote: what comes after that is from somebody else. */
int64_t drain_limit(const struct process *p, int stream) {
    int held = 0;
    if (p->out[stream] < 0) return 0;
    if (p->tty) return TTY_HOLDS;
    return ioctl(p->out[stream], FIONREAD, &held) < 0 ? 0 : held;
}

/* One buffer from a container to its log, or from an exec that nobody listens to. Returns what log_copy returned. */
static ssize_t copy(struct process *p, int stream) {
    ssize_t n = log_copy(p, stream);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) process_close_output(p, stream);
    return n;
}

static void on_output(void *what, short events) {
    (void)events;
    struct process *p = &processes[((char *)what - (char *)processes) / (ptrdiff_t)sizeof *processes];
    if (p->id[0] && !p->session && *(int *)what >= 0) copy(p, what == &p->out[1]);
}

void processes_watch(void) {
    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->id[0] && !p->session && !sessions_behind(p))
            for (int stream = 0; stream < 2; stream++) watch(p->out[stream], POLLIN, on_output, &p->out[stream]);
}

/* exits */

static bool read_oom(const struct process *p) {
    char text[1024];
    ssize_t n = p->oom_fd < 0 ? 0 : pread(p->oom_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = 0;
    const char *count = strstr(text, "oom_kill ");
    return count && atoi(count + sizeof "oom_kill") > 0;
}

static void write_exit(const struct process *p) {
    char text[160];
    snprintf(text, sizeof text, "status=%d started=%lld time=%lld oom=%d lost=%llu\n", p->status, (long long)p->started,
             (long long)p->ended, p->oom, (unsigned long long)p->log->lost_ever);
    write_file(exits_dir, p->id, text);
}

/* The log is complete before the exit is written, and that before it is told. */
void process_ended(struct process *p, int status, int64_t at) {
    p->dead = true;
    p->status = status;
    p->ended = at;
    if (p->kind == CHILD_EXEC) {
        if (p->session)
            sessions_ended(p);
        else
            process_free(p);
        return;
    }
    for (int stream = 0; stream < 2; stream++) {
        int64_t left = drain_limit(p, stream);
        for (ssize_t n = 1; n > 0 && left > 0; left -= n) n = copy(p, stream);
    }
    sessions_ended(p);
    log_finish(p->log);
    p->oom = read_oom(p);
    write_exit(p);
}

static void ended(pid_t pid, int status) {
    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->id[0] && p->pid == pid && !p->dead) {
            process_ended(p, status, clock_ns());
            return;
        }
    worker_child_reaped(pid, status);
}

/* Takes the exits of all children there are: workers, what plans made, and orphans. Whoever waited for one
 * pid alone could wait for ever: the init of a pid namespace ends only when the others in it are reaped. A
 * worker's group is ended while its number is still the worker's. */
void reap(void) {
    siginfo_t found = {0};
    while (waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && found.si_pid > 0) {
        pid_t pid = found.si_pid;
        struct worker *w = worker_of_pid(pid);
        int status;
        if (w && (found.si_code != CLD_EXITED || found.si_status != 0)) kill(-pid, SIGKILL);
        if (waitpid(pid, &status, __WALL | WNOHANG) != pid) return;
        if (w)
            worker_reaped(w, status);
        else
            ended(pid, status);
        found.si_pid = 0;
    }
}
