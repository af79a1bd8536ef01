/* What both halves ask of the system. */
#include "kernel.h"

int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void pause_us(long us) { nanosleep(&(struct timespec){0, us * 1000}, NULL); }

void close_end(int *fd) {
    int error = errno;
    if (*fd >= 0) close(*fd);
    *fd = -1;
    errno = error;
}

ssize_t read_text(int dir, const char *path, char *text, size_t size) {
    CLOSED file = openat(dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? -1 : read(file, text, size - 1);
    text[n > 0 ? n : 0] = 0;
    return n;
}

int write_text(int dir, const char *path, const char *text) {
    CLOSED file = openat(dir, path, O_WRONLY | O_CLOEXEC);
    return file < 0 || write(file, text, strlen(text)) < 0 ? -1 : 0;
}

void read_wait_channel(pid_t pid, char *text, size_t size) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/wchan", pid);
    read_text(AT_FDCWD, path, text, size);
}

static int inherit(int group, const char *name, const char *above) {
    char value[4096];
    ssize_t size = read_text(group, name, value, sizeof value);
    if (size < 0 || size > 1) return size < 0 ? -1 : 0;
    return read_text(group, above, value, sizeof value) < 0 ? -1 : write_text(group, name, value);
}

int inherit_cpuset(int group) {
    int done = inherit(group, "cpuset.mems", "../cpuset.mems");
    return done < 0 ? -1 : inherit(group, "cpuset.cpus", "../cpuset.cpus");
}

const struct entry *next_entry(struct listing *listing) {
    if (listing->at >= listing->size) {
        listing->size = syscall(SYS_getdents64, listing->dir, listing->bytes, sizeof listing->bytes);
        listing->at = 0;
        if (listing->size <= 0) return NULL;
    }
    const struct entry *entry = (const void *)(listing->bytes + listing->at);
    listing->at += entry->length;
    return entry;
}

/* A digit at a time: such files are read seldom, and are short. */
bool next_pid(int file, pid_t *pid) {
    char digit;
    bool any = false;
    *pid = 0;
    while (read(file, &digit, 1) == 1) {
        if (digit < '0' || digit > '9') {
            if (any) return true;
            continue;
        }
        *pid = *pid * 10 + (digit - '0');
        any = true;
    }
    return any;
}
