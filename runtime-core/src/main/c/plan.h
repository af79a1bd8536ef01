/* A decoded plan, and what its operations work with. */
#ifndef CORACLE_PLAN_H
#define CORACLE_PLAN_H
#include "ops.h"
#include "shim.h"

enum {
    NO_SLOT = 0xffff,     /* "-": as a place, the host side */
    OPERAND_MAX = 6,      /* of one op */
    SLOT_UNSET = -1,      /* in run.fd: no op has filled it here */
    SLOT_ABSENT = -2,     /* its op failed with an ignored error */
    ANSWER_PIECE = 65536, /* most bytes of one record of N.result */
};

struct run;

/* One operand; which members count follows from its letter. */
struct operand {
    const char *text; /* string, bytes or keywords, terminated, in the plan's file; of a list, its first item */
    uint32_t length;  /* of text; of a list, the number of items */
    uint16_t slot;
    int fd;          /* of a slot that is used; AT_FDCWD for "-" */
    uint64_t number; /* also what keywords mean to the kernel */
};

struct op_row {
    uint16_t number;
    char where;
    const char *name;
    const char *form;
    int (*carry_out)(struct run *run, const struct operand *a);
};

struct step {
    const struct op_row *row;
    uint16_t place;
    const char *ignored; /* names of errors, with commas between */
    struct operand operand[OPERAND_MAX];
};

/* A reader that runs dry sets bad and yields zeros. */
struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

/* A process of the plan. */
struct place {
    uint16_t slot;
    int8_t maker; /* index of the place whose clone3 makes it; -1: the host side */
};

struct plan {
    const uint8_t *bytes;
    size_t size;
    const char *title;
    uint32_t title_length;
    uint32_t step_count;
    uint16_t slot_count;
    uint8_t place_count;
    const char *slots[SLOT_MAX];
    struct place places[CHILD_MAX];
    struct cursor steps; /* at the first */
};

/* One process carrying out its share of a plan. A child works on a copy. */
struct run {
    const struct plan *plan;
    struct worker_area *area;
    struct cursor next;
    uint32_t index; /* of the op under way */
    uint16_t place; /* slot of the place this process is in */
    int own;        /* in a child: its end of its channel */
    int up;         /* to the supervisor */
    int result_dir;
    int result; /* N.result.new, or -1 */
    uint64_t number;
    int fd[SLOT_MAX];
    int channel[CHILD_MAX];   /* on the host side: to each child, or -1 */
    int child_end[CHILD_MAX]; /* of channels whose child is not made yet, or -1 */
    bool stopped[CHILD_MAX];
    int mask_dir; /* the first empty directory `mask` attached, or -1 */
    char detail[DETAIL_MAX];
};

/* wire.c: what is wrong with a plan is EPROTO. */
int plan_open(struct plan *plan, int fd);
void plan_close(struct plan *plan);
bool next_step(const struct plan *plan, struct cursor *at, struct step *step);
struct cursor items_of(const struct operand *list);
bool next_item(struct cursor *at, const char **text, uint32_t *length);
int place_of(const struct plan *plan, uint16_t slot);

/* words.c */
bool keywords_mean(char letter, const char *text, uint64_t *value);
bool names_errno(const char *names, int err);

/* run.c */
int slot_fill(struct run *run, const struct operand *made, int fd);
int keep_slot(struct run *run, uint16_t slot, int fd);
int take_gift(struct run *run, const char *id, enum role role, int fd);
int carry_out_rest(struct run *run);

/* One message with descriptors at its side. */
struct parcel {
    struct iovec body;
    struct msghdr head;
    union {
        struct cmsghdr first;
        char bytes[CMSG_SPACE((PLAN_KEPT_MAX + GIFT_MAX + 1) * sizeof(int))];
    } side;
};
int send_parcel(int to, const void *body, size_t length, const int *fds, unsigned count);
ssize_t receive_parcel(int from, int flags, void *body, size_t length, int *fds, unsigned *count);

/* result.c */
int answer(struct run *run, const char *name, const char *suffix, const void *bytes, size_t length);
int result_end(struct run *run);

/* child.c */
pid_t clone_sharing_memory(struct clone_args *args, void (*entry)(void *), void *argument);
int tell_host(struct run *run, uint16_t slot, enum role role, const char *id, int fd);
int children_finish(struct run *run);

/* paths.c, ops_process.c */
int open_in_root(int root, const char *path, uint64_t flags);
char **string_vector(const struct operand *list);

#define OP(name) int op_##name(struct run *run __attribute__((unused)), const struct operand *a __attribute__((unused)))
#define DECLARE_OP(number, name, where, form) OP(name);
OPS(DECLARE_OP)
#undef DECLARE_OP
#endif
