/* Processes of a plan: making them, the channel between each and the host side, and waiting for them.
 *
 * A channel is a SOCK_SEQPACKET pair whose child's end closes with execve or exit. The host side makes the channels of
 * a process and of those that process will make before it clones, so that all of them can talk to it. */
#include "plan.h"

enum note_kind { NOTE_STOPPED, NOTE_KEEP, NOTE_GIFT };

/* Child to host; a descriptor comes along with NOTE_KEEP and NOTE_GIFT. */
struct note {
    enum note_kind kind;
    uint16_t slot;
    enum role role;
    char id[ID_MAX];
};

static bool descends(const struct plan *plan, int place, int from) {
    while (place >= 0 && place != from) place = plan->places[place].maker;
    return place == from;
}

static int open_channels(struct run *run, int place) {
    for (int i = 0; i < run->plan->place_count; i++) {
        int ends[2];
        if (!descends(run->plan, i, place)) continue;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -1;
        run->channel[i] = ends[0];
        run->child_end[i] = ends[1];
    }
    return 0;
}

/* In a maker: the ends of the process that now lives and, on the host side, of those that it will make. */
static void close_child_ends(struct run *run, int place) {
    for (int i = 0; i < run->plan->place_count; i++)
        if (i == place || (run->place == NO_SLOT && descends(run->plan, i, place))) close_end(&run->child_end[i]);
}

/* In a child: all but its own end and those of processes that it will make. */
static void keep_own_channels(struct run *run, int place) {
    for (int i = 0; i < run->plan->place_count; i++) {
        close_end(&run->channel[i]);
        if (!descends(run->plan, i, place)) close_end(&run->child_end[i]);
    }
    run->own = run->child_end[place];
}

static const uint64_t nothing[4]; /* the kernel's struct sigaction, and its set of signals */

/* Once, in main. Libc would not touch the signals it uses itself, which a JVM's children inherit ignored. */
void clear_signals(void) {
    for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, nothing, NULL, 8);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, nothing, NULL, 8);
}

/* For a child: the supervising process blocks signals, its workers ignore SIGPIPE. */
void restore_signals(void) {
    signal(SIGPIPE, SIG_DFL);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, nothing, NULL, 8);
}

struct birth {
    const struct run *run;
    int place;
};

static void child_main(void *argument) {
    const struct birth *birth = argument;
    struct run run = *birth->run;
    run.place = run.plan->places[birth->place].slot;
    run.index++; /* past the clone3 */
    keep_own_channels(&run, birth->place);
    restore_signals();
    if (carry_out_rest(&run) < 0) _exit(126);
    run.area->children[birth->place].phase = CHILD_DONE;
    _exit(0);
}

/* The usual seccomp filters answer clone3 with ENOSYS, as it hides its flags from them. clone stands in unless a cgroup
 * is asked for; it has no room for a pidfd beside the note of the pid. */
static pid_t clone_like_fork(struct clone_args *args, void (*entry)(void *), void *argument) {
    pid_t pid = (pid_t)syscall(CALL_CLONE3, args, sizeof *args);
    if (pid < 0 && (errno == ENOSYS || errno == EPERM) && !(args->flags & CLONE_INTO_CGROUP)) {
        uint64_t flags = (args->flags & ~(uint64_t)CLONE_PIDFD) | args->exit_signal;
        pid = (pid_t)syscall(SYS_clone, flags, 0, args->parent_tid, 0, 0);
    }
    if (pid == 0) entry(argument);
    return pid;
}

#if defined(__SANITIZE_ADDRESS__) /* which cannot follow a stack of our own */
pid_t clone_sharing_memory(struct clone_args *args, void (*entry)(void *), void *argument) {
    args->flags = (args->flags & ~(uint64_t)CLONE_VM) | CLONE_VFORK;
    return clone_like_fork(args, entry, argument);
}
#else
COLD static char child_stack[64 << 10] __attribute__((aligned(16)));

/* The child runs entry in this process's memory, which sleeps until the child's execve or end. It starts on a stack of
 * its own in a call that never returns: on its maker's it would overwrite the frame the maker wakes up in. */
pid_t clone_sharing_memory(struct clone_args *args, void (*entry)(void *), void *argument) {
    args->flags |= CLONE_VM | CLONE_VFORK;
    args->stack = (uint64_t)(uintptr_t)child_stack;
    args->stack_size = sizeof child_stack;
#if defined(__x86_64__)
    long result = CALL_CLONE3;
    __asm__ volatile(
        "syscall; test %%rax, %%rax; jnz 1f; xor %%ebp, %%ebp; mov %[argument], %%rdi; call *%[entry]; ud2; 1:"
        : "+a"(result)
        : "D"(args), "S"(sizeof *args), [entry] "r"(entry), [argument] "r"(argument)
        : "rcx", "r11", "memory", "cc");
#elif defined(__aarch64__)
    register long number __asm__("x8") = CALL_CLONE3;
    register long result __asm__("x0") = (long)args;
    register long size __asm__("x1") = sizeof *args;
    __asm__ volatile("svc #0; cbnz x0, 1f; mov x29, xzr; mov x30, xzr; mov x0, %[argument]; blr %[entry]; brk #1; 1:"
                     : "+r"(result)
                     : "r"(number), "r"(size), [entry] "r"(entry), [argument] "r"(argument)
                     : "x30", "memory", "cc");
#else
#error "written for x86_64 and aarch64"
#endif
    if (result >= 0) return (pid_t)result;
    args->flags &= ~(uint64_t)CLONE_VM;
    args->stack = args->stack_size = 0;
    return clone_like_fork(args, entry, argument);
}
#endif

OP(clone3) {
    int place = place_of(run->plan, a[4].slot), pidfd = -1;
    struct child *child = &run->area->children[place];
    snprintf(child->id, sizeof child->id, "%s", a[3].text);
    child->kind = (enum child_kind)a[2].number;
    if ((uint32_t)place >= run->area->child_count) run->area->child_count = (uint32_t)place + 1;
    if (run->place == NO_SLOT && open_channels(run, place) < 0) return -1;
    bool into = a[1].slot != NO_SLOT;
    struct clone_args args = {
        .flags = a[0].number | CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_PIDFD | (into ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .parent_tid = (uint64_t)(uintptr_t)&child->pid,
        .cgroup = (unsigned)(into ? a[1].fd : 0),
    };
    struct birth birth = {run, place};
    bool shares = args.flags & CLONE_VM;
    if ((shares ? clone_sharing_memory : clone_like_fork)(&args, child_main, &birth) < 0) return -1;
    close_child_ends(run, place);
    run->fd[a[4].slot] = SLOT_ABSENT;
    return pidfd < 0 ? 0 : slot_fill(run, &a[4], pidfd);
}

/* In a child: passes a descriptor up, for a kept slot or (id not empty) as a gift. */
int tell_host(struct run *run, uint16_t slot, enum role role, const char *id, int fd) {
    struct note note = {.kind = id[0] ? NOTE_GIFT : NOTE_KEEP, .slot = slot, .role = role};
    snprintf(note.id, sizeof note.id, "%s", id);
    return send_parcel(run->own, &note, sizeof note, &fd, 1);
}

OP(stop) {
    struct note note = {.kind = NOTE_STOPPED};
    char go;
    if (send_parcel(run->own, &note, sizeof note, NULL, 0) < 0) return -1;
    ssize_t n = recv(run->own, &go, 1, 0);
    if (n == 0) _exit(126); /* the host side is gone, and the plan with it */
    return n < 0 ? -1 : 0;
}

OP(resume) {
    int place = place_of(run->plan, a[0].slot);
    run->stopped[place] = false;
    return send_parcel(run->channel[place], "", 1, NULL, 0);
}

/* Whether a child that is gone had done all it was to do. Where it failed, it has told so itself; it may also have
 * died. */
static int is_fine(struct run *run, int place) {
    const struct child *child = &run->area->children[place];
    bool executes = child->kind == CHILD_CONTAINER || child->kind == CHILD_EXEC;
    if (child->phase == (executes ? CHILD_EXECUTED : CHILD_DONE) && !run->area->claimed) return 0;
    const char *name = run->plan->slots[run->plan->places[place].slot];
    snprintf(run->detail, sizeof run->detail, "$%s ended before its steps", name);
    return errno = ECHILD, -1;
}

static int take_note(struct run *run, int place) {
    struct note note;
    int fd = -1;
    unsigned count = 1;
    ssize_t n = receive_parcel(run->channel[place], 0, &note, sizeof note, &fd, &count);
    if (n < 0) return -1;
    if (n == 0) {
        close_end(&run->channel[place]);
        return is_fine(run, place);
    }
    if (note.kind == NOTE_KEEP) return keep_slot(run, note.slot, fd);
    if (note.kind == NOTE_GIFT) return take_gift(run, note.id, note.role, fd);
    run->stopped[place] = true;
    return 0;
}

/* Sleeps until some child has something to say, and hears it out. */
static int serve(struct run *run) {
    struct pollfd polls[CHILD_MAX];
    for (int i = 0; i < CHILD_MAX; i++) polls[i] = (struct pollfd){run->channel[i], POLLIN, 0};
    if (poll(polls, CHILD_MAX, -1) < 0) return -1;
    for (int i = 0; i < CHILD_MAX; i++)
        if (polls[i].revents && take_note(run, i) < 0) return -1;
    return 0;
}

OP(await) {
    int place = place_of(run->plan, a[0].slot);
    while (!run->stopped[place]) {
        if (run->channel[place] < 0) return errno = ESRCH, -1;
        if (serve(run) < 0) return -1;
    }
    return 0;
}

OP(join) {
    int place = place_of(run->plan, a[0].slot);
    while (run->channel[place] >= 0)
        if (serve(run) < 0) return -1;
    return is_fine(run, place);
}

/* At the end of the plan, on the host side: until each child has executed its program or has done its steps. */
int children_finish(struct run *run) {
    for (int i = 0; i < CHILD_MAX; i++)
        while (run->channel[i] >= 0)
            if (serve(run) < 0) return -1;
    return 0;
}
