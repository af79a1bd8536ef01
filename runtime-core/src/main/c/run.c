/* A worker: takes a plan's steps in order, fills slots, and at the end hands over what the shim is to hold. */
#include "plan.h"

enum { HANDED_MAX = PLAN_KEPT_MAX + GIFT_MAX + 1 };

/* Notes the first failure; children and their worker may come at once. */
void plan_fail(struct worker_area *area, int32_t op, int err, const char *detail) {
    if (__atomic_exchange_n(&area->claimed, 1, __ATOMIC_ACQ_REL)) return;
    area->failed_op = op;
    area->err = err;
    snprintf(area->detail, sizeof area->detail, "%s", detail ? detail : "");
}

static bool is_kept(const char *name) { return strchr(name, '.') != NULL; }

/* On the host side: notes that the shim keeps fd under the slot's name. */
int keep_slot(struct run *run, uint16_t slot, int fd) {
    struct worker_area *area = run->area;
    uint32_t i = 0;
    while (i < area->kept_count && strcmp(area->kept[i].name, run->plan->slots[slot]) != 0) i++;
    if (i == PLAN_KEPT_MAX) return errno = EMFILE, -1;
    if (i == area->kept_count) area->kept_count++;
    snprintf(area->kept[i].name, sizeof area->kept[i].name, "%s", run->plan->slots[slot]);
    area->kept[i].fd = run->fd[slot] = fd;
    return 0;
}

/* Puts what an op made into its slot; a fd below 0 is the op's failure and passes through. */
int slot_fill(struct run *run, const struct operand *made, int fd) {
    if (fd < 0) return -1;
    close_end(&run->fd[made->slot]);
    run->fd[made->slot] = fd;
    if (!is_kept(run->plan->slots[made->slot])) return 0;
    return run->place == NO_SLOT ? keep_slot(run, made->slot, fd) : tell_host(run, made->slot, 0, "", fd);
}

/* On the host side: notes that the shim gets fd for container or exec id. */
int take_gift(struct run *run, const char *id, enum role role, int fd) {
    if (run->area->gift_count == GIFT_MAX) return errno = EMFILE, -1;
    struct gift *gift = &run->area->gifts[run->area->gift_count++];
    snprintf(gift->id, sizeof gift->id, "%s", id);
    gift->role = role;
    gift->fd = fd;
    return 0;
}

/* Looks up the slots that an op uses: 1, or 0 where one is absent, or -1 where nothing has filled one. */
static int find_descriptors(struct run *run, struct step *step) {
    int found = 1;
    struct operand *a = step->operand;
    for (const char *form = step->row->form; (form = strchr(form, '%')); form += 2, a++) {
        if ((form[1] != 'd' && form[1] != 'i') || a->slot == NO_SLOT) continue;
        a->fd = run->fd[a->slot];
        if (a->fd == SLOT_ABSENT) found = 0;
        if (a->fd != SLOT_UNSET) continue;
        snprintf(run->detail, sizeof run->detail, "$%s is empty", run->plan->slots[a->slot]);
        return errno = EBADF, -1;
    }
    return found;
}

/* What an op that was passed over, or failed in a way that does not matter, leaves unfilled. */
static void mark_absent(struct run *run, const struct step *step) {
    const struct operand *a = step->operand;
    for (const char *form = step->row->form; (form = strchr(form, '%')); form += 2, a++)
        if (form[1] == 'o' && run->fd[a->slot] < 0) run->fd[a->slot] = SLOT_ABSENT;
}

static int carry_out(struct run *run, struct step *step) {
    run->detail[0] = 0;
    int found = find_descriptors(run, step);
    if (found < 0) return -1;
    if (found && step->row->carry_out(run, step->operand) == 0) return 0;
    if (found && !names_errno(step->ignored, errno)) return -1;
    mark_absent(run, step);
    return 0;
}

/* Takes the steps of this process from run->next on. */
int carry_out_rest(struct run *run) {
    for (struct step step; next_step(run->plan, &run->next, &step); run->index++) {
        if (step.place != run->place || carry_out(run, &step) == 0) continue;
        plan_fail(run->area, (int32_t)run->index, errno, run->detail);
        return -1;
    }
    return 0;
}

/* Kept slots that the plan names, from what the shim keeps. */
static void find_kept(struct run *run) {
    for (unsigned slot = 0; slot < run->plan->slot_count; slot++) {
        run->fd[slot] = SLOT_UNSET;
        for (unsigned i = 0; is_kept(run->plan->slots[slot]) && i < KEPT_MAX; i++)
            if (strcmp(kept[i].name, run->plan->slots[slot]) == 0) run->fd[slot] = kept[i].fd;
    }
}

/* Closes all the shim has open but what this plan needs: a stuck worker must not hold a session or a pipe's end. */
static void close_the_rest(const struct run *run) {
    int needed[SLOT_MAX + 2] = {run->up, run->result_dir};
    unsigned count = 2;
    for (unsigned slot = 0; slot < run->plan->slot_count; slot++)
        if (run->fd[slot] >= 0) needed[count++] = run->fd[slot];
    for (int from = 3, next; from >= 0; from = next + 1) {
        next = INT32_MAX;
        for (unsigned i = 0; i < count; i++)
            if (needed[i] >= from && needed[i] < next) next = needed[i];
        if (next > from) sys_close_range((unsigned)from, next == INT32_MAX ? UINT32_MAX : (unsigned)next - 1, 0);
        if (next == INT32_MAX) return;
    }
}

/* Sends one message with descriptors at its side. */
int send_parcel(int to, const void *body, size_t length, const int *fds, unsigned count) {
    struct parcel parcel = {.body = {(void *)(uintptr_t)body, length}};
    parcel.head = (struct msghdr){.msg_iov = &parcel.body, .msg_iovlen = 1};
    if (count) {
        parcel.head.msg_control = &parcel.side;
        parcel.head.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
        parcel.side.first.cmsg_level = SOL_SOCKET;
        parcel.side.first.cmsg_type = SCM_RIGHTS;
        parcel.side.first.cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&parcel.side.first), fds, count * sizeof(int));
    }
    return sendmsg(to, &parcel.head, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Receives one; count is the room in fds, then what came. What has no room is closed. */
ssize_t receive_parcel(int from, int flags, void *body, size_t length, int *fds, unsigned *count) {
    struct parcel parcel = {.body = {body, length}};
    parcel.head = (struct msghdr){.msg_iov = &parcel.body, .msg_iovlen = 1, .msg_control = &parcel.side};
    parcel.head.msg_controllen = sizeof parcel.side;
    unsigned room = *count, came = 0;
    *count = 0;
    ssize_t n = recvmsg(from, &parcel.head, flags | MSG_CMSG_CLOEXEC);
    if (n >= 0 && parcel.head.msg_controllen >= sizeof parcel.side.first)
        came = (unsigned)((parcel.side.first.cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (unsigned i = 0; i < came; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(&parcel.side.first) + i * sizeof fd, sizeof fd);
        if (i < room)
            fds[(*count)++] = fd;
        else
            close(fd);
    }
    return n;
}

/* Where the descriptors that go to the supervisor stand in the area, in the order they go. */
static unsigned handed(struct worker_area *area, int *places[HANDED_MAX]) {
    unsigned count = 0;
    for (uint32_t i = 0; i < area->kept_count; i++) places[count++] = &area->kept[i].fd;
    for (uint32_t i = 0; i < area->gift_count; i++) places[count++] = &area->gifts[i].fd;
    if (area->has_log) places[count++] = &area->log.fd;
    return count;
}

static int hand_over(struct run *run) {
    int *places[HANDED_MAX], fds[HANDED_MAX];
    unsigned count = handed(run->area, places);
    for (unsigned i = 0; i < count; i++) fds[i] = *places[i];
    return count ? send_parcel(run->up, "", 1, fds, count) : 0;
}

int plan_take(int up, struct worker_area *area) {
    int *places[HANDED_MAX], fds[HANDED_MAX];
    unsigned count = handed(area, places), came = HANDED_MAX;
    char byte;
    if (count == 0) return 0;
    if (receive_parcel(up, MSG_DONTWAIT, &byte, 1, fds, &came) < 0) return -1;
    for (unsigned i = 0; i < came; i++) {
        if (came == count)
            *places[i] = fds[i];
        else /* cut short at the limit of open files */
            close(fds[i]);
    }
    return came == count ? 0 : (errno = EMFILE, -1);
}

static int run_all(struct run *run) {
    umask(0);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (carry_out_rest(run) < 0) return -1;
    run->detail[0] = 0;
    if (children_finish(run) == 0 && hand_over(run) == 0) return 0;
    plan_fail(run->area, -1, errno, run->detail);
    return -1;
}

int plan_run(int plan_fd, uint64_t number, int result_dir, int up, struct worker_area *area) {
    struct plan plan;
    struct run run = {.plan = &plan, .area = area, .place = NO_SLOT, .own = -1, .mask_dir = -1, .result = -1};
    run.result_dir = result_dir;
    run.up = up;
    run.number = number;
    memset(run.channel, -1, sizeof run.channel);
    memset(run.child_end, -1, sizeof run.child_end);
    area->failed_op = -1;
    int done = plan_open(&plan, plan_fd);
    if (done < 0) {
        plan_fail(area, -1, errno, "the plan is malformed");
    } else {
        find_kept(&run);
        close_the_rest(&run);
        run.next = plan.steps;
        done = run_all(&run);
    }
    if (result_end(&run) == 0) return done;
    plan_fail(area, -1, errno, "the result cannot be written");
    return -1;
}
