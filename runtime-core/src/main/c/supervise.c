/* The supervising process of one pod: a loop around poll. Whatever could wait is done by workers (work.c). */
#include "supervise.h"
#include <sys/resource.h>
#include <sys/signalfd.h>

#ifndef IDLE_MS /* shorter in the build for tests */
#define IDLE_MS 60000
#endif

enum { WATCH_MAX = 2 * PROCESS_MAX + 4 * SESSION_MAX + 8, DESCRIPTORS = 16384 };

int plans_dir, exits_dir;

static int pod_dir;
COLD static struct pollfd polled[WATCH_MAX];
COLD static struct {
    void (*act)(void *, short);
    void *what;
} watchers[WATCH_MAX];
static nfds_t watched;
static int64_t wake; /* ms: when poll returns at the latest */
static int64_t idle_since;

/* Has `act` called in this round if fd is ready. It may be called for nothing, also after what it is about
 * has ended. */
void watch(int fd, short events, void (*act)(void *, short), void *what) {
    if (fd < 0 || watched == WATCH_MAX) return;
    polled[watched] = (struct pollfd){.fd = fd, .events = events};
    watchers[watched].act = act;
    watchers[watched++].what = what;
}

void wake_by(int64_t ms) {
    if (ms < wake) wake = ms;
}

/* A file that is there whole or not at all. */
int write_file(int dir, const char *name, const char *text) {
    char draft[ID_MAX + 8];
    snprintf(draft, sizeof draft, ".%s.new", name);
    CLOSED fd = openat(dir, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) return -1;
    return renameat(dir, draft, dir, name);
}

void end_shim(void) {
    unlinkat(pod_dir, "shim.sock", 0);
    _exit(0);
}

static void end_when_idle(void) {
    int64_t now = clock_ms();
    if (process_count || worker_count || slots_kept() || control_alive() || sessions_alive())
        idle_since = now;
    else if (now >= idle_since + IDLE_MS)
        end_shim();
    else
        wake_by(idle_since + IDLE_MS);
}

static void on_child(void *signals, short events) {
    (void)events;
    struct signalfd_siginfo seen;
    while (read(*(int *)signals, &seen, sizeof seen) > 0)
        ;
    reap();
}

/* What a terminal, a service manager or a departing daemon sends must not end a shim. Blocked rather than ignored, as
 * children then undo it in one call. */
static int take_signals(void) {
    sigset_t all, child;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS) return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Serves the pod whose directory is `dir`, until it ends the process. */
void supervise(int dir, int listener) {
    pod_dir = dir;
    plans_dir = openat(dir, "plans", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    exits_dir = openat(dir, "exits", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    umask(0);
    idle_since = clock_ms();
    raise_descriptor_limit();
    int signals = take_signals();
    if (plans_dir < 0 || exits_dir < 0 || signals < 0) _exit(1);
    for (;;) {
        int64_t now = clock_ms();
        watched = 0;
        wake = now + 3600000;
        workers_tick();
        logs_tick();
        end_when_idle();
        control_pump();
        watch(signals, POLLIN, on_child, &signals);
        control_watch();
        sessions_watch(&listener);
        processes_watch();
        now = clock_ms();
        if (poll(polled, watched, wake > now ? (int)(wake - now) : 0) <= 0) continue;
        for (nfds_t i = 0; i < watched; i++)
            if (polled[i].revents) watchers[i].act(watchers[i].what, polled[i].revents);
    }
}
