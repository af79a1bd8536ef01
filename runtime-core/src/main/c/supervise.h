/* What the files of the supervising process share. It is one thread and only polls: nothing here is locked,
 * nothing waits. Functions that can fail return -1 and set errno. A descriptor that is not there is -1. */
#ifndef CORACLE_SUPERVISE_H
#define CORACLE_SUPERVISE_H
#include "shim.h"

enum { PROCESS_MAX = 384, WORKER_MAX = 320, SESSION_MAX = 264, LOG_MAX = 128 };
enum { FRAME_HEAD = 16, STREAM_MAX = 32768, NEWS_MAX = 512, LINE_MAX_BYTES = 16384 };

/* Types of frames: what a connection begins with, orders, what sessions get, news, what sessions send. */
enum { FRAME_HELLO = 1, FRAME_EXEC, FRAME_ATTACH };
enum {
    FRAME_EXECUTE = 16,
    FRAME_KILL_PLAN,
    FRAME_SIGNAL,
    FRAME_REOPEN,
    FRAME_RESIZE,
    FRAME_CLOSE_STDIN,
    FRAME_ACK,
    FRAME_QUIT
};
enum { FRAME_STDIN = 32, FRAME_STDIN_CLOSE, FRAME_WINDOW, FRAME_KILL };
enum {
    FRAME_HELLO_UP = 64,
    FRAME_RUNNING,
    FRAME_PLAN,
    FRAME_EXITED,
    FRAME_SYNCED,
    FRAME_DONE,
    FRAME_FAILED,
    FRAME_STUCK,
    FRAME_ANSWER
};
enum { FRAME_STDOUT = 96, FRAME_STDERR, FRAME_EXIT };

/* A frame as it came; text and numbers are taken from its payload in order. */
struct frame {
    uint8_t type, flags;
    uint64_t id;
    const uint8_t *next, *end;
    bool malformed; /* something was taken that is not there */
};

/* Where a frame is collected until it is whole. */
struct intake {
    uint32_t have;
    uint8_t bytes[FRAME_HEAD + STREAM_MAX];
};

/* A payload being written, of any frame up but STDOUT and STDERR. */
struct payload {
    uint32_t length;
    uint8_t bytes[NEWS_MAX];
};

struct fragment {
    uint32_t length;
    char bytes[LINE_MAX_BYTES];
};

/* A container's log file and the unfinished line of each stream. Freed by giving its pages back, which zeroes it. */
struct log {
    _Alignas(4096) bool taken;
    int fd;
    int error;          /* why lines cannot be written now; 0: they can */
    int64_t retry;      /* ms; no attempt before */
    uint64_t lost;      /* bytes not written since the last line that was */
    uint64_t lost_ever; /* bytes */
    char path[4096];    /* empty: the output is dropped */
    struct fragment fragments[2];
};

/* A child that outlives its plan. */
struct process {
    char id[ID_MAX]; /* empty: free */
    enum child_kind kind;
    pid_t pid;
    bool dead, running_told, exit_told;
    int status;
    int64_t started, ended; /* ns */
    bool oom, tty;
    int in, out[2];          /* our ends; of a tty in and out[0] are its master */
    int oom_fd;              /* the file that counts its group's oom kills */
    struct log *log;         /* of containers */
    struct session *session; /* of an exec with a client */
};

enum worker_state { WORKER_FREE, WORKER_RUNS, WORKER_FAILS /* children are dying */, WORKER_ENDED /* to be told */ };

/* A plan under way, and then its outcome until it is told. */
struct worker {
    enum worker_state state;
    uint64_t plan;
    pid_t pid, killer;
    int up;           /* a socket from the worker, which brings descriptors */
    int killed;       /* errno to fail with, once killed */
    int64_t deadline; /* ms: to kill it, or to call it stuck */
    bool durable, failed, running_told, stuck, stuck_told;
    struct session *session;
    struct {
        bool dead;
        int status;
        int64_t ended;
    } children[CHILD_MAX]; /* those reaped before the plan's end */
};

extern int plans_dir, exits_dir;
extern struct process processes[PROCESS_MAX];
extern struct worker workers[WORKER_MAX];
extern unsigned process_count, worker_count; /* no entry in use at or above */

/* spawn.c */
int spawner(const char *run, char *groups, char **argv);

/* supervise.c */
void supervise(int dir, int listener) __attribute__((noreturn));
void watch(int fd, short events, void (*act)(void *, short), void *what);
void wake_by(int64_t ms);
void end_shim(void) __attribute__((noreturn));
int write_file(int dir, const char *name, const char *text);

/* work.c */
int worker_start(uint64_t plan, uint32_t deadline_ms, bool durable, struct session *session);
struct worker *worker_of_plan(uint64_t plan);
struct worker *worker_of_pid(pid_t pid);
struct worker_area *worker_area(const struct worker *w);
void worker_kill(struct worker *w, int why);
void worker_reaped(struct worker *w, int status);
void worker_child_reaped(pid_t pid, int status);
void worker_free(struct worker *w);
pid_t worker_waits_for(const struct worker *w);
bool slots_kept(void);
void workers_tick(void);

/* reap.c */
void reap(void);
struct process *process_of_id(const char *id);
struct process *process_add(const struct child *c);
void process_give(struct process *p, enum role role, int fd);
void process_ended(struct process *p, int status, int64_t at);
void process_free(struct process *p);
void process_close_stdin(struct process *p);
void process_close_output(struct process *p, int stream);
int process_resize(const struct process *p, uint16_t rows, uint16_t columns);
int64_t drain_limit(const struct process *p, int stream);
void processes_watch(void);

/* kill.c */
pid_t kill_tree(pid_t root, int grace_ms);

/* log.c */
struct log *log_take(void);
void log_free(struct log *l);
void log_start(struct log *l, int fd, const char *path);
int log_reopen(struct log *l, const char *path);
ssize_t log_copy(struct process *p, int stream);
void log_finish(struct log *l);
void logs_tick(void);

/* frame.c */
int frame_receive(int fd, struct intake *in, struct frame *f);
int frame_send(int fd, uint8_t type, uint8_t flags, uint64_t id, const struct payload *p);
void frame_head(uint8_t *head, uint8_t type, uint8_t flags, uint64_t id, uint32_t length);
uint64_t take(struct frame *f, unsigned bytes);
void take_text(struct frame *f, char *text, size_t size);
void put(struct payload *p, uint64_t number, unsigned bytes);
void put_text(struct payload *p, const char *text);
void put_refusal(struct payload *p, const char *why);

/* control.c */
void control_accept(int fd);
void control_watch(void);
void control_pump(void);
bool control_alive(void);
void put_failure(struct payload *p, const struct worker *w);

/* stream.c */
void sessions_watch(int *listener);
bool sessions_alive(void);
void session_started(struct session *s, struct process *p);
void session_failed(struct session *s, const struct worker *w);
void sessions_ended(const struct process *p);
void sessions_copy(const struct process *p, int stream, const char *bytes, size_t length);
bool sessions_behind(const struct process *p);
#endif
