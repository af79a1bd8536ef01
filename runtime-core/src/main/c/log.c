/* The CRI log of a container: `TIME stdout|stderr F|P CONTENT`, whole lines in every write.
 * While the file cannot be written (full, failing, or its directory gone) output is read and counted; the
 * first line that can be written again says how much was lost. */
#include "supervise.h"

enum {
    READ_SIZE = STREAM_MAX, /* who is attached gets it in one frame */
    STAMP_SIZE = 40,        /* 2026-01-02T03:04:05.123456789Z stdout F_ */
    NOTE_MAX = 256,         /* the line that tells of a loss */
    OUT_SIZE = 262144 - NOTE_MAX,
    RETRY_MS = 1000,
    REST_MS = 1000,
    PAGE = 4096
};

VAST static struct log logs[LOG_MAX];
static unsigned log_count; /* no log in use at or above */

/* Shared by all logs: what was read, after the fragment it continues; and lines to be written, after room for
 * a note. */
VAST static _Alignas(PAGE) char intake[LINE_MAX_BYTES + READ_SIZE];
VAST static _Alignas(PAGE) char out[NOTE_MAX + OUT_SIZE];
static int64_t last_use; /* ms; 0: the buffers are given back */

struct log *log_take(void) {
    for (unsigned i = 0; i < LOG_MAX; i++)
        if (!logs[i].taken) {
            logs[i].taken = true;
            logs[i].fd = -1;
            log_count = i >= log_count ? i + 1 : log_count;
            return &logs[i];
        }
    return errno = ENFILE, NULL;
}

void log_free(struct log *l) {
    close_end(&l->fd);
    madvise(l, sizeof *l, MADV_DONTNEED);
    while (log_count > 0 && !logs[log_count - 1].taken) log_count--;
}

static int open_log(const char *path) {
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
}

void log_start(struct log *l, int fd, const char *path) {
    close_end(&l->fd);
    l->fd = fd;
    if (path != l->path) snprintf(l->path, sizeof l->path, "%s", path);
}

static void write_stamp(char *at, int stream) {
    char text[128];
    struct timespec t;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &utc);
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s F ", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, t.tv_nsec, stream ? "stderr" : "stdout");
    memcpy(at, text, STAMP_SIZE);
}

/* Writes whole lines and returns how many bytes of them: where that is less than length, errno says why. What a full
 * disk took of one line more is cut off again. */
static size_t write_whole(int fd, const char *lines, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t n = write(fd, lines + done, length - done);
        if (n < 0 && errno != EINTR) break;
        done += n > 0 ? (size_t)n : 0;
    }
    if (done == length) return done;
    int error = errno;
    const char *last = memrchr(lines, '\n', done);
    size_t whole = last ? (size_t)(last + 1 - lines) : 0;
    off_t end = lseek(fd, 0, SEEK_CUR);
    if (whole < done && (end < 0 || ftruncate(fd, end - (off_t)(done - whole)) < 0)) error = EIO;
    errno = error;
    return whole;
}

/* How much output these lines hold. */
static uint64_t content(const char *lines, size_t length) {
    uint64_t bytes = 0;
    for (const char *next, *end = lines + length; lines < end; lines = next) {
        next = (const char *)memchr(lines, '\n', (size_t)(end - lines)) + 1;
        bytes += (uint64_t)(next - lines) - STAMP_SIZE - (lines[STAMP_SIZE - 2] == 'P');
    }
    return bytes;
}

/* Makes sure that the file is still in its directory, and opens it anew where it is not. */
static int check_file(struct log *l) {
    struct stat st;
    if (l->fd >= 0 && fstat(l->fd, &st) == 0 && st.st_nlink > 0) return 0;
    int fd = open_log(l->path);
    if (fd < 0) return -1;
    log_start(l, fd, l->path);
    return 0;
}

/* Puts the line that tells of a loss before the lines at out + NOTE_MAX and returns its length: 0 if nothing is lost.
 */
static size_t write_note(const struct log *l) {
    char text[NOTE_MAX];
    if (!l->lost) return 0;
    write_stamp(text, 1);
    int n = snprintf(text + STAMP_SIZE, sizeof text - STAMP_SIZE, "coracle: %llu bytes of output were lost: %s\n",
                     (unsigned long long)l->lost, strerror(l->error));
    memcpy(out + NOTE_MAX - STAMP_SIZE - n, text, STAMP_SIZE + (size_t)n);
    return STAMP_SIZE + (size_t)n;
}

/* Writes the lines at out + NOTE_MAX, before them a note where output was lost, and counts what cannot be written. */
static void write_lines(struct log *l, size_t length) {
    if (!l->path[0]) return;
    const char *lines = out + NOTE_MAX;
    if (!l->error || clock_ms() >= l->retry) {
        size_t note = write_note(l);
        size_t whole = check_file(l) == 0 ? write_whole(l->fd, lines - note, note + length) : 0;
        int error = whole == note + length ? 0 : errno;
        if (whole >= note) {
            l->lost = 0;
            lines += whole - note;
            length -= whole - note;
        }
        l->error = error;
        if (error) l->retry = clock_ms() + RETRY_MS;
    }
    l->lost += content(lines, length);
    l->lost_ever += content(lines, length);
}

/* Puts text into lines; what is no whole line yet stays behind as the stream's fragment, or is written as a
 * partial line at the `end` of the stream. */
static void log_text(struct log *l, int stream, const char *text, const char *limit, bool end) {
    char stamp[STAMP_SIZE];
    size_t used = 0;
    write_stamp(stamp, stream);
    while (text < limit) {
        size_t have = (size_t)(limit - text);
        const char *newline = memchr(text, '\n', have > LINE_MAX_BYTES ? LINE_MAX_BYTES + 1 : have);
        if (!newline && have <= LINE_MAX_BYTES && !end) break;
        size_t line = newline ? (size_t)(newline - text) : have < LINE_MAX_BYTES ? have : LINE_MAX_BYTES;
        if (used + STAMP_SIZE + line + 1 > OUT_SIZE) {
            write_lines(l, used);
            used = 0;
        }
        char *at = out + NOTE_MAX + used;
        memcpy(at, stamp, STAMP_SIZE);
        if (!newline) at[STAMP_SIZE - 2] = 'P';
        memcpy(at + STAMP_SIZE, text, line);
        at[STAMP_SIZE + line] = '\n';
        used += STAMP_SIZE + line + 1;
        text += line + (newline != NULL);
    }
    if (used) write_lines(l, used);
    struct fragment *rest = &l->fragments[stream];
    rest->length = (uint32_t)(limit - text);
    if (rest->length) memcpy(rest->bytes, text, rest->length);
}

/* Moves one buffer of a process's output to its log, or (without one) to nowhere, and to all who are attached. Returns
 * how much was read; 0 at the end of the stream, -1 and EAGAIN where there is none now. */
ssize_t log_copy(struct process *p, int stream) {
    char *fresh = intake + LINE_MAX_BYTES;
    struct log *l = p->log;
    uint32_t before = l ? l->fragments[stream].length : 0;
    last_use = clock_ms();
    ssize_t n = read(p->out[stream], fresh, READ_SIZE);
    if (n < 0 && errno == EIO) /* a terminal that nobody has open */
        n = 0;
    if (n > 0 && l) sessions_copy(p, stream, fresh, (size_t)n);
    if (n < 0 || !l || !l->path[0]) return n;
    if (before) memcpy(fresh - before, l->fragments[stream].bytes, before);
    log_text(l, stream, fresh - before, fresh + n, n == 0);
    return n;
}

/* Writes what is left: unfinished lines as partial ones, and what is known of losses. */
void log_finish(struct log *l) {
    for (int stream = 0; stream < 2; stream++) {
        struct fragment *f = &l->fragments[stream];
        if (f->length) log_text(l, stream, memcpy(intake, f->bytes, f->length), intake + f->length, true);
    }
    l->retry = 0;
    if (l->lost) write_lines(l, 0);
}

/* Goes on in the file at path (empty: where it was), from the next line on. */
int log_reopen(struct log *l, const char *path) {
    if (!path[0]) path = l->path;
    int fd = open_log(path);
    if (fd < 0) return -1;
    log_start(l, fd, path);
    l->retry = 0;
    if (l->lost) write_lines(l, 0);
    return 0;
}

/* Tries again to tell of losses, and gives the buffers back after a burst. */
void logs_tick(void) {
    int64_t now = clock_ms();
    for (struct log *l = logs; l < logs + log_count; l++)
        if (l->lost) {
            if (now >= l->retry) write_lines(l, 0);
            if (l->lost) wake_by(l->retry);
        }
    if (last_use && now >= last_use + REST_MS) {
        madvise(intake, sizeof intake, MADV_DONTNEED);
        madvise(out, sizeof out, MADV_DONTNEED);
        last_use = 0;
    } else if (last_use) {
        wake_by(last_use + REST_MS);
    }
}
