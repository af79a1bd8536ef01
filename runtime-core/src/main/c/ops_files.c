/* Files, directories and descriptors. */
#include "plan.h"
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

OP(mkdir) { return mkdirat(a[0].fd, a[1].text, (mode_t)a[2].number); }

OP(open) {
    int flags = (int)a[2].number | O_CLOEXEC | O_NOCTTY;
    return slot_fill(run, &a[4], openat(a[0].fd, a[1].text, flags, (mode_t)a[3].number));
}

OP(mknod) {
    dev_t device = makedev((unsigned)a[4].number, (unsigned)a[5].number);
    return mknodat(a[0].fd, a[1].text, (mode_t)(a[2].number | a[3].number), device);
}

OP(symlink) { return symlinkat(a[0].text, a[1].fd, a[2].text); }

OP(write) {
    CLOSED file = openat(a[0].fd, a[1].text, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return -1;
    ssize_t written = write(file, a[2].text, a[2].length);
    if (written < 0) return -1;
    return (size_t)written == a[2].length ? 0 : (errno = EIO, -1);
}

OP(read) {
    COLD static char bytes[ANSWER_PIECE];
    struct stat file;
    if (fstat(a[0].fd, &file) < 0) return -1;
    if (!S_ISREG(file.st_mode)) return errno = EINVAL, -1; /* an image's passwd may be a fifo */
    for (uint64_t whole = 0;;) {
        ssize_t n = read(a[0].fd, bytes, sizeof bytes);
        if (n < 0) return -1;
        if ((whole += (uint64_t)n) > a[1].number) return errno = EFBIG, -1;
        if (answer(run, a[2].text, "", bytes, (size_t)n) < 0) return -1;
        if (n == 0) return 0;
    }
}

OP(stat) {
    struct stat file;
    if (fstat(a[0].fd, &file) < 0) return -1;
    uint64_t found[] = {file.st_mode, file.st_uid, file.st_gid, (uint64_t)file.st_size, file.st_rdev};
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", a[0].fd);
    ssize_t length = readlink(link, path, sizeof path);
    if (answer(run, a[1].text, ".stat", found, sizeof found) < 0) return -1;
    return answer(run, a[1].text, ".realpath", path, length < 0 ? 0 : (size_t)length);
}

OP(unlink) { return unlinkat(a[0].fd, a[1].text, (int)a[2].number); }
OP(fchown) { return fchownat(a[0].fd, "", (uid_t)a[1].number, (gid_t)a[2].number, AT_EMPTY_PATH); }
OP(fchmod) { return fchmod(a[0].fd, (mode_t)a[1].number); }

OP(close) {
    if (strchr(run->plan->slots[a[0].slot], '.')) return errno = EINVAL, -1; /* the shim keeps it */
    close(a[0].fd);
    run->fd[a[0].slot] = SLOT_UNSET;
    return 0;
}

OP(drop) {
    struct worker_area *area = run->area;
    if (area->dropped_count == PLAN_KEPT_MAX) return errno = EMFILE, -1;
    struct kept *dropped = &area->dropped[area->dropped_count++];
    snprintf(dropped->name, sizeof dropped->name, "%s", run->plan->slots[a[0].slot]);
    return 0;
}

OP(dup) { return slot_fill(run, &a[1], fcntl(a[0].fd, F_DUPFD_CLOEXEC, 3)); }

OP(pipe) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    return slot_fill(run, &a[0], ends[0]) | slot_fill(run, &a[1], ends[1]);
}

OP(pty) {
    int unlocked = 0, master = openat(a[0].fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (slot_fill(run, &a[1], master) < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0) return -1;
    return slot_fill(run, &a[2], ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

OP(give) {
    if (a[0].length == 0 || a[0].length >= ID_MAX) return errno = EINVAL, -1;
    enum role role = (enum role)a[1].number;
    if (run->place != NO_SLOT) return tell_host(run, a[2].slot, role, a[0].text, a[2].fd);
    int fd = fcntl(a[2].fd, F_DUPFD_CLOEXEC, 3); /* the slot may be closed before the plan ends */
    return fd < 0 ? -1 : take_gift(run, a[0].text, role, fd);
}

OP(log) {
    struct worker_area *area = run->area;
    if (area->has_log || a[0].length >= ID_MAX || a[1].length >= sizeof area->log.path) return errno = EINVAL, -1;
    area->log.fd = open(a[1].text, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0640);
    if (area->log.fd < 0) return -1;
    snprintf(area->log.id, sizeof area->log.id, "%s", a[0].text);
    snprintf(area->log.path, sizeof area->log.path, "%s", a[1].text);
    area->has_log = 1;
    return 0;
}
