/* Programs of the host: started beside the shim, fed, heard, and ended at their deadline. */
#include "plan.h"

enum { MARK_TIMED_OUT = 1, MARK_TRUNCATED = 2, REAP_TRIES = 2000, REAP_PAUSE_US = 1000 };

/* One of stdout and stderr. */
struct stream {
    int fd; /* -1: ended */
    uint64_t room;
    const char *suffix;
};

struct program {
    struct run *run;
    const char *name; /* of the answer; a hook has none */
    char **argv, **env;
    int target, namespaces; /* a pidfd, and those of its namespaces to run in */
    int child_ends[3];
    pid_t pid;
    int pidfd;
    int in; /* -1: all is fed */
    const char *input;
    size_t input_left;
    struct stream streams[2];
    int32_t status;
    uint32_t marks;
};

static void close_program(struct program *p) {
    int *fds[] = {&p->child_ends[0], &p->child_ends[1], &p->child_ends[2], &p->pidfd, &p->in,
                  &p->streams[0].fd, &p->streams[1].fd};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) close_end(fds[i]);
}

/* In a user namespace that it has joined, root of the host is nobody until it becomes that one's root. */
static int join(int target, int namespaces) {
    if (namespaces && setns(target, namespaces) < 0) return -1;
    if (!(namespaces & CLONE_NEWUSER)) return 0;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, 0, 0, 0) < 0) return -1;
    return (int)syscall(SYS_setresuid, 0, 0, 0);
}

static void program_main(void *argument) {
    const struct program *p = argument;
    restore_signals();
    umask(022);
    setpgid(0, 0);
    if (join(p->target, p->namespaces) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && chdir("/") == 0 &&
        dup2(p->child_ends[0], 0) == 0 && dup2(p->child_ends[1], 1) == 1 && dup2(p->child_ends[2], 2) == 2)
        execve(p->argv[0], p->argv + !p->name, p->env);
    p->run->area->program_err = errno;
    _exit(127);
}

static int start(struct program *p) {
    int *parents_ends[] = {&p->in, &p->streams[0].fd, &p->streams[1].fd};
    for (int i = 0; i < 3; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) return -1;
        p->child_ends[i] = ends[i > 0];
        *parents_ends[i] = ends[i == 0];
        if (fcntl(*parents_ends[i], F_SETFL, O_NONBLOCK) < 0) return -1;
    }
    struct worker_area *area = p->run->area;
    area->program_err = 0;
    struct clone_args args = {.flags = CLONE_PIDFD | CLONE_VM | CLONE_PARENT_SETTID,
                              .exit_signal = SIGCHLD,
                              .pidfd = (uint64_t)(uintptr_t)&p->pidfd,
                              .parent_tid = (uint64_t)(uintptr_t)&area->program};
    p->pid = clone_sharing_memory(&args, program_main, p);
    for (int i = 0; i < 3; i++) close_end(&p->child_ends[i]);
    if (p->pid > 0 && area->program_err) {
        waitpid(p->pid, NULL, 0);
        return errno = area->program_err, -1;
    }
    return p->pid < 0 ? -1 : 0;
}

static void feed(struct program *p) {
    ssize_t n = p->input_left ? write(p->in, p->input, p->input_left) : 0;
    if (n > 0) {
        p->input += n;
        p->input_left -= (size_t)n;
    }
    if (p->input_left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) { close_end(&p->in); }
}

/* One read takes all that a pipe can hold. */
static int hear(struct program *p, struct stream *stream) {
    COLD static char bytes[ANSWER_PIECE];
    ssize_t n = read(stream->fd, bytes, sizeof bytes);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) { close_end(&stream->fd); }
        return 0;
    }
    size_t kept = (uint64_t)n > stream->room ? (size_t)stream->room : (size_t)n;
    stream->room -= kept;
    if (kept < (size_t)n) p->marks |= MARK_TRUNCATED;
    if (p->name) return kept ? answer(p->run, p->name, stream->suffix, bytes, kept) : 0;
    if (stream == &p->streams[1]) snprintf(p->run->detail, DETAIL_MAX, "%.*s", (int)kept, bytes);
    return 0;
}

/* The worker is the subreaper of its programs: whatever left the group, also by setsid, comes back as its
 * child. */
static void kill_descendants(struct program *p) {
    kill(-p->pid, SIGKILL);
    for (int tries = 0; tries < REAP_TRIES; tries++) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            if (pid == p->pid) p->status = status;
        if (pid < 0) return;
        CLOSED children = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
        while (children >= 0 && next_pid(children, &pid)) kill(pid, SIGKILL);
        pause_us(REAP_PAUSE_US);
    }
}

/* Until the program itself has ended; what it left running keeps running, and is not waited for. */
static int attend(struct program *p, int64_t deadline) {
    for (;;) {
        struct pollfd polls[] = {
            {p->in, POLLOUT, 0}, {p->streams[0].fd, POLLIN, 0}, {p->streams[1].fd, POLLIN, 0}, {p->pidfd, POLLIN, 0}};
        int64_t left = deadline - clock_ms();
        if (left <= 0 || poll(polls, 4, left > INT32_MAX ? INT32_MAX : (int)left) == 0) {
            p->marks |= MARK_TIMED_OUT;
            kill_descendants(p);
            return 0;
        }
        if (polls[0].revents) feed(p);
        for (int i = 0; i < 2; i++)
            if (polls[1 + i].revents && hear(p, &p->streams[i]) < 0) return -1;
        if (polls[3].revents) return waitpid(p->pid, &p->status, 0) < 0 ? -1 : 0;
    }
}

static int run_program(struct program *p, int64_t deadline) {
    if (!p->argv || !p->env || start(p) < 0 || attend(p, deadline) < 0) return -1;
    for (int i = 0; i < 2; i++)
        if (p->streams[i].fd >= 0 && hear(p, &p->streams[i]) < 0) return -1;
    if (!p->name) {
        if (p->status && !p->run->detail[0]) snprintf(p->run->detail, DETAIL_MAX, "wait status %#x", p->status);
        return p->status ? errno = p->marks & MARK_TIMED_OUT ? ETIMEDOUT : ECANCELED, -1 : 0;
    }
    struct {
        int32_t status;
        uint32_t marks;
    } ended = {p->status, p->marks};
    return answer(p->run, p->name, ".status", &ended, sizeof ended);
}

static int run_to_end(struct program *p, const struct operand *argv, uint64_t room, uint64_t deadline) {
    if (argv->length < (p->name ? 1 : 2)) return errno = EINVAL, -1;
    p->argv = string_vector(argv);
    p->env = string_vector(argv + 1);
    p->pidfd = p->in = -1;
    memset(p->child_ends, -1, sizeof p->child_ends);
    p->streams[0] = (struct stream){-1, room, ".stdout"};
    p->streams[1] = (struct stream){-1, room, ".stderr"};
    int done = run_program(p, clock_ms() + (int64_t)deadline);
    p->run->area->program = 0;
    close_program(p);
    return done;
}

OP(run) {
    struct program p = {.run = run, .name = a[5].text, .input = a[2].text, .input_left = a[2].length};
    return run_to_end(&p, &a[0], a[3].number, a[4].number);
}

OP(hook) {
    COLD static char state[ANSWER_PIECE];
    bool first = a[1].number & CLONE_NEWPID; /* in a pid namespace of its own */
    pid_t pid = first ? 1 : run->area->children[place_of(run->plan, a[0].slot)].pid;
    int length = snprintf(state, sizeof state, "%s%d}", a[4].text, pid);
    if (length >= (int)sizeof state) return errno = E2BIG, -1;
    struct program p = {.run = run, .input = state, .input_left = (size_t)length};
    p.target = run->fd[a[0].slot];
    p.namespaces = (int)a[1].number;
    return run_to_end(&p, &a[2], ANSWER_PIECE, a[5].number);
}
