/* Sessions: a connection for each exec and each attach, with the process's streams in frames. Nothing is kept but one
 * frame each way. Who does not read stops an exec; a container that somebody has attached to waits a second at most. */
#include "supervise.h"

enum { BEHIND_MS = 1000, ATTACH_BUFFER = 1 << 20 };
enum { HANG_UP_MS = 2000, ACCEPT_PAUSE_MS = 100, FRAMES_PER_ROUND = 64, PAGE = 4096 };
enum { EXEC_MAX = SESSION_MAX - 8 }; /* so that a daemon can always connect */

enum session_state {
    SESSION_FREE,
    SESSION_NEW,      /* connected, first frame not yet here */
    SESSION_STARTING, /* its plan is under way */
    SESSION_RUNNING,
    SESSION_ENDED, /* the process is dead, its pipes are not drained */
    SESSION_LAST   /* the last frame is on its way */
};

/* Freed by giving its pages back, which zeroes it. */
struct session {
    _Alignas(PAGE) enum session_state state;
    int fd;
    struct process *process;
    bool attached;                /* the process is a container's, and not the session's own */
    int status;                   /* of the process, once it is dead */
    int64_t behind;               /* ms: what is in `out` of an attached one must be gone by then */
    bool data_waits, close_waits; /* a STDIN frame in `in` is not written yet; stdin ends after it */
    bool turn;                    /* the stream that was sent last */
    uint16_t rows, columns;       /* 0: never said */
    int64_t left[2];              /* of a dead process's output */
    uint32_t taken;               /* of the STDIN frame */
    uint32_t sent, length;        /* of the frame in `out` */
    struct intake in;
    uint8_t out[FRAME_HEAD + STREAM_MAX];
};

VAST static struct session sessions[SESSION_MAX];
static unsigned session_count; /* no session in use at or above */
static int64_t accept_after;   /* ms */

bool sessions_alive(void) { return session_count > 0; }

static void session_free(struct session *s) {
    close_end(&s->fd);
    madvise(s, sizeof *s, MADV_DONTNEED);
    while (session_count > 0 && sessions[session_count - 1].state == SESSION_FREE) session_count--;
}

static struct worker *worker_of(const struct session *s) {
    for (struct worker *w = workers; w < workers + worker_count; w++)
        if (w->state != WORKER_FREE && w->session == s) return w;
    return NULL;
}

/* The client has gone: nothing of what it executed stays. */
static void session_gone(struct session *s) {
    struct process *p = s->attached ? NULL : s->process;
    struct worker *w = worker_of(s);
    if (w) {
        worker_kill(w, ECANCELED);
        w->session = NULL;
    }
    if (p && p->dead) {
        process_free(p);
    } else if (p) {
        p->session = NULL;
        process_close_stdin(p); /* what it still writes is dropped: a closed pipe would end it before its grace */
        kill_tree(p->pid, HANG_UP_MS);
    }
    session_free(s);
}

/* out */

static void flush(struct session *s) {
    while (s->sent < s->length) {
        ssize_t n = send(s->fd, s->out + s->sent, s->length - s->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) {
            session_gone(s);
            return;
        }
        s->sent += (uint32_t)n;
    }
    s->sent = s->length = 0;
    if (s->state == SESSION_LAST) session_gone(s);
}

static void send_last(struct session *s, uint8_t type, uint64_t id, const struct payload *p) {
    frame_head(s->out, type, 0, id, p->length);
    memcpy(s->out + FRAME_HEAD, p->bytes, p->length);
    s->length = FRAME_HEAD + p->length;
    s->state = SESSION_LAST;
    flush(s);
}

/* Sends one buffer of output, at most `limit` bytes. False: there is none now. */
static bool copy_out(struct session *s, int stream, int64_t limit) {
    struct process *p = s->process;
    size_t room = limit < STREAM_MAX ? (size_t)limit : STREAM_MAX;
    ssize_t n = p->out[stream] < 0 ? -1 : read(p->out[stream], s->out + FRAME_HEAD, room);
    if (n < 0 && (p->out[stream] < 0 || errno == EAGAIN)) return false;
    if (n <= 0) { /* the end, of a terminal EIO */
        process_close_output(p, stream);
        return false;
    }
    frame_head(s->out, stream ? FRAME_STDERR : FRAME_STDOUT, 0, 0, (uint32_t)n);
    s->length = FRAME_HEAD + (uint32_t)n;
    s->left[stream] -= n;
    flush(s);
    return true;
}

/* Sends what a dead process left in its streams, then its exit. */
static void finish(struct session *s) {
    while (s->state == SESSION_ENDED && s->length == 0) {
        int stream = s->left[0] > 0 ? 0 : 1;
        if (s->left[stream] <= 0) {
            struct payload p = {0};
            put(&p, (uint32_t)s->status, 4);
            send_last(s, FRAME_EXIT, 0, &p);
        } else if (!copy_out(s, stream, s->left[stream])) {
            s->left[stream] = 0;
        }
    }
}

static void on_output(void *process, short events) {
    (void)events;
    struct session *s = ((struct process *)process)->session;
    for (int i = 0; i < 2; i++)
        if (s && s->state == SESSION_RUNNING && s->length == 0) {
            s->turn = !s->turn;
            copy_out(s, s->turn, STREAM_MAX);
        }
}

static bool attached_to(const struct session *s, const struct process *p) {
    return s->attached && s->process == p && s->state == SESSION_RUNNING;
}

/* Gives a copy of a container's output to all who are attached to it. */
void sessions_copy(const struct process *p, int stream, const char *bytes, size_t length) {
    for (struct session *s = sessions; s < sessions + session_count; s++) {
        if (!attached_to(s, p)) continue;
        if (s->length) { /* the container has ended meanwhile */
            session_gone(s);
            continue;
        }
        frame_head(s->out, stream ? FRAME_STDERR : FRAME_STDOUT, 0, 0, (uint32_t)length);
        memcpy(s->out + FRAME_HEAD, bytes, length);
        s->length = FRAME_HEAD + (uint32_t)length;
        s->behind = clock_ms() + BEHIND_MS;
        flush(s);
    }
}

/* Whether a container's output has to wait for somebody who is attached. One that is too slow is hung up on. */
bool sessions_behind(const struct process *p) {
    bool waits = false;
    for (struct session *s = sessions; s < sessions + session_count; s++) {
        if (!attached_to(s, p) || !s->length) continue;
        if (clock_ms() >= s->behind) {
            session_gone(s);
        } else {
            waits = true;
            wake_by(s->behind);
        }
    }
    return waits;
}

/* in */

/* Hands the STDIN frame that waits to the process; what nobody reads any more is dropped. */
static void feed(struct session *s) {
    struct process *p = s->process;
    uint32_t length = s->in.have - FRAME_HEAD;
    while (p && p->in >= 0 && s->data_waits && s->taken < length) {
        ssize_t n = write(p->in, s->in.bytes + FRAME_HEAD + s->taken, length - s->taken);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0 && p->tty) break;
        if (n < 0)
            process_close_stdin(p);
        else
            s->taken += (uint32_t)n;
    }
    if (s->data_waits) s->in.have = 0;
    s->data_waits = false;
    if (s->close_waits && p) process_close_stdin(p);
}

static void on_stdin(void *session, short events) {
    struct session *s = session;
    if (events && s->state == SESSION_RUNNING) feed(s);
}

static int on_frame(struct session *s, struct frame *f) {
    switch (f->type) {
    case FRAME_STDIN:
        s->data_waits = true;
        s->taken = 0;
        break;
    case FRAME_STDIN_CLOSE: s->close_waits = true; break;
    case FRAME_WINDOW:
        s->rows = (uint16_t)take(f, 2);
        s->columns = (uint16_t)take(f, 2);
        if (s->process) process_resize(s->process, s->rows, s->columns);
        break;
    case FRAME_KILL:
        if (s->attached) return -1;
        if (s->process && !s->process->dead)
            kill_tree(s->process->pid, 0);
        else if (worker_of(s))
            worker_kill(worker_of(s), ECANCELED);
        break;
    default: return -1;
    }
    if (!s->data_waits) s->in.have = 0;
    if (s->process) feed(s);
    return f->malformed ? -1 : 0;
}

static void refuse(struct session *s, uint64_t id, const char *why) {
    struct payload p = {0};
    put_refusal(&p, why);
    send_last(s, FRAME_FAILED, id, &p);
}

static int attach(struct session *s, struct frame *f) {
    char id[ID_MAX];
    int size = ATTACH_BUFFER;
    take_text(f, id, sizeof id);
    if (f->malformed) return -1;
    struct process *p = process_of_id(id);
    errno = s < sessions + EXEC_MAX ? ESRCH : EAGAIN;
    if (errno == EAGAIN || !p || p->dead || !p->log) {
        refuse(s, 0, "");
        return 0;
    }
    setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    s->attached = true;
    s->process = p;
    s->state = SESSION_RUNNING;
    return 0;
}

static int on_first_frame(struct session *s, struct frame *f) {
    s->in.have = 0;
    if (f->type == FRAME_ATTACH) return attach(s, f);
    uint32_t deadline = (uint32_t)take(f, 4);
    if (f->type == FRAME_HELLO && !f->malformed) {
        control_accept(s->fd);
        s->fd = -1;
        session_free(s);
        return 0;
    }
    if (f->type != FRAME_EXEC || f->malformed) return -1;
    s->state = SESSION_STARTING;
    errno = EAGAIN;
    if (s >= sessions + EXEC_MAX || worker_start(f->id, deadline, false, s) < 0)
        refuse(s, f->id, "the plan could not be started");
    return 0;
}

static void on_socket(void *session, short events) {
    struct session *s = session;
    struct frame f;
    int got = 0;
    if (s->state != SESSION_FREE && (events & POLLOUT)) flush(s);
    for (int i = 0; i < FRAMES_PER_ROUND && s->state != SESSION_FREE && !s->data_waits; i++) {
        got = frame_receive(s->fd, &s->in, &f);
        if (got <= 0) break;
        got = s->state == SESSION_NEW ? on_first_frame(s, &f) : on_frame(s, &f);
        if (got < 0) break;
    }
    if (s->state != SESSION_FREE && (got < 0 || (events & (POLLHUP | POLLERR)))) session_gone(s);
}

/* Takes a new connection; only root may have one. */
static void on_connection(void *listener, short events) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    int fd = accept4(*(int *)listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct session *s = sessions;
    while (s < sessions + SESSION_MAX && s->state != SESSION_FREE) s++;
    (void)events;
    if (fd < 0) { /* perhaps no descriptor is left */
        accept_after = clock_ms() + ACCEPT_PAUSE_MS;
        return;
    }
    if (s == sessions + SESSION_MAX || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != 0) {
        close(fd);
        return;
    }
    s->state = SESSION_NEW;
    s->fd = fd;
    if (s >= sessions + session_count) session_count = (unsigned)(s - sessions) + 1;
}

void sessions_watch(int *listener) {
    unsigned used = 0;
    for (struct session *s = sessions; s < sessions + session_count; s++) {
        finish(s);
        if (s->state == SESSION_FREE) continue;
        used++;
        watch(s->fd, (short)((s->data_waits ? 0 : POLLIN) | (s->length ? POLLOUT : 0)), on_socket, s);
        if (s->state == SESSION_RUNNING && s->length == 0 && !s->attached) {
            watch(s->process->out[0], POLLIN, on_output, s->process);
            watch(s->process->out[1], POLLIN, on_output, s->process);
        }
        if (s->state == SESSION_RUNNING && s->data_waits) watch(s->process->in, POLLOUT, on_stdin, s);
    }
    if (clock_ms() < accept_after)
        wake_by(accept_after);
    else if (used < SESSION_MAX)
        watch(*listener, POLLIN, on_connection, listener);
}

/* news of the plan and the process */

void session_started(struct session *s, struct process *p) {
    if (!s) { /* the client has gone meanwhile */
        kill_tree(p->pid, 0);
        return;
    }
    p->session = s;
    s->process = p;
    s->state = SESSION_RUNNING;
    if (s->rows) process_resize(p, s->rows, s->columns);
    feed(s);
}

/* The plan has failed, or has made no process. */
void session_failed(struct session *s, const struct worker *w) {
    struct payload p = {0};
    if (s->process) return;
    if (!w->failed) worker_area(w)->err = EPROTO;
    put_failure(&p, w);
    send_last(s, FRAME_FAILED, w->plan, &p);
}

static void session_ended(struct session *s, const struct process *p) {
    s->state = SESSION_ENDED;
    s->status = p->status;
    for (int stream = 0; stream < 2; stream++) s->left[stream] = s->attached ? 0 : drain_limit(p, stream);
    if (s->attached) s->process = NULL;
}

/* The process is dead, and of a container all output is read. */
void sessions_ended(const struct process *p) {
    if (p->session) session_ended(p->session, p);
    for (struct session *s = sessions; s < sessions + session_count; s++)
        if (attached_to(s, p)) session_ended(s, p);
}
