/* The seam inside coracle-shim: what a plan's worker and the supervising process share. */
#ifndef CORACLE_SHIM_H
#define CORACLE_SHIM_H
#include "kernel.h"

enum {
    ID_MAX = 72,        /* an id of 64 hex digits, terminated */
    SLOT_NAME_MAX = 96, /* `ID.name`, terminated */
    KEPT_MAX = 256,     /* descriptors a shim keeps between plans */
    SLOT_MAX = 192,     /* descriptors one plan may hold */
    PLAN_KEPT_MAX = 64, /* descriptors one plan may make the shim keep, or drop */
    GIFT_MAX = 32,
    CHILD_MAX = 8,
    DETAIL_MAX = 256
};

enum role { ROLE_STDIN, ROLE_STDOUT, ROLE_STDERR, ROLE_TTY, ROLE_OOM };
enum child_kind { CHILD_HELPER, CHILD_CONTAINER, CHILD_EXEC, CHILD_INIT };
/* A child that is gone while CHILD_BORN failed before its execve; a helper ends as CHILD_DONE. */
enum child_phase { CHILD_BORN, CHILD_DONE, CHILD_EXECUTED };

/* Seldom touched, and vast besides: these come last, in this order (the linker sorts by name), so that an idle shim has
 * few pages and page tables of its own. */
#define COLD __attribute__((section(".bss.y")))
#define VAST __attribute__((section(".bss.z")))

struct kept {
    char name[SLOT_NAME_MAX]; /* name[0] == 0: free */
    int fd;
};
struct gift {
    char id[ID_MAX];
    enum role role;
    int fd;
};
struct log_gift {
    char id[ID_MAX];
    char path[4096];
    int fd;
};
struct child {
    char id[ID_MAX];
    enum child_kind kind;
    pid_t pid; /* set by CLONE_PARENT_SETTID, before the child runs; 0: not made yet */
    uint32_t phase;
};

/* MAP_SHARED | MAP_ANONYMOUS, zeroed, between the supervisor and one worker.
 *
 * The worker is an ordinary fork with a descriptor table of its own: whatever becomes of it, the kernel
 * closes what it had opened, also an open that comes back long after the deadline killed it. What the
 * supervisor is to hold comes over the socket `up` in one message once everything has succeeded: plan_take.
 */
struct worker_area {
    int32_t failed_op;       /* index; -1: none, or before the first and outside all */
    int32_t err;             /* errno of the failure; 0: none */
    char detail[DETAIL_MAX]; /* what the kernel or a compound op had to say, terminated */
    uint32_t claimed;        /* the first failure is being told: only plan_fail touches it */
    uint32_t durable;        /* set by the supervisor: write N.result even with nothing to say */
    uint32_t has_result;     /* N.result was written */
    pid_t program;           /* process group of the `run` op under way, 0: none; the supervisor kills it with the
                                worker */
    int32_t program_err;     /* why it could not be executed */
    struct kept kept[PLAN_KEPT_MAX]; /* new; replaces one of the same name */
    uint32_t kept_count;
    struct kept dropped[PLAN_KEPT_MAX]; /* names only */
    uint32_t dropped_count;
    struct gift gifts[GIFT_MAX];
    uint32_t gift_count;
    struct log_gift log;
    uint32_t has_log;
    struct child children[CHILD_MAX]; /* all of them are the supervisor's children (CLONE_PARENT), helpers too */
    uint32_t child_count;
};

/* What the shim keeps between plans; kept_change does what a plan that succeeded asks for. */
extern struct kept kept[KEPT_MAX];
void kept_change(const struct worker_area *area);

/* Carries out the plan in file plan_fd as a worker, which is a child of the supervisor and ends after it.
 * result_dir: descriptor of PODDIR/plans. up: the worker's end of a SOCK_SEQPACKET pair. Closes every descriptor
 * above 2 but these, and those kept that the plan names. Returns 0, or -1 with area->failed_op and area->err set.
 * Children of a failed plan are the supervisor's to kill. */
int plan_run(int plan_fd, uint64_t plan_number, int result_dir, int up, struct worker_area *area);

/* In the supervisor, once plan_run has returned 0: receives the descriptors into area's kept, gifts and log.
 * Returns 0, or -1 with errno. */
int plan_take(int up, struct worker_area *area);

/* Notes a failure, the first one only. detail may be NULL. */
void plan_fail(struct worker_area *area, int32_t op, int err, const char *detail);

/* Writes N.result for a worker that did not live to do so: area tells the failure, answers are lost. */
int plan_result(int result_dir, uint64_t plan_number, struct worker_area *area);

/* Signals as programs expect them, none blocked, none ignored: what was inherited, and what the shim itself does. */
void clear_signals(void);
void restore_signals(void);

/* Prints the plan in file plan_fd as text on descriptor out: byte for byte Plan.text(). */
int plan_print(int plan_fd, int out);

/* `--run-plans DIR FILE...`: carries plans out without a daemon. Returns the exit status. */
int run_plans(int count, char **arguments);
#endif
