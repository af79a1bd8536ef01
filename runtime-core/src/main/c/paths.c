/* Mount targets inside a container's root, made where they are missing. */
#include "plan.h"
#include <limits.h>

enum { LINKS_MAX = 40, AGAIN_MAX = 100 };

/* Path inside root, whatever symlinks it holds. A rename elsewhere can make one try fail. */
int open_in_root(int root, const char *path, uint64_t flags) {
    struct open_how how = {
        .flags = flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    errno = EAGAIN;
    for (int tries = 0; fd < 0 && errno == EAGAIN && tries < AGAIN_MAX; tries++)
        fd = syscall(CALL_OPENAT2, root, path, &how, sizeof how);
    return (int)fd;
}

/* done holds the elements walked so far, free of symlinks; rest what is still to walk. Every step opens done anew from
 * the root: whoever renames or mounts meanwhile inside the root can spoil the result, not leave the root. */
struct walk {
    int root;
    mode_t mode;
    bool file;
    int links;
    char done[PATH_MAX + 1];
    char rest[2 * PATH_MAX];
};

static const char *or_root(const char *path) { return path[0] ? path : "."; }

static void go_up(char *path) {
    char *slash = strrchr(path, '/');
    *(slash ? slash : path) = 0;
}

/* Moves the next element from rest to done. 1: moved, 0: nothing is left, -1: too long. */
static int go_down(struct walk *w) {
    for (;;) {
        char *name = w->rest + strspn(w->rest, "/");
        size_t length = strcspn(name, "/"), used = strlen(w->done);
        if (length == 0) return 0;
        if (used + 1 + length >= PATH_MAX) return errno = ENAMETOOLONG, -1;
        bool here = length == 1 && name[0] == '.', up = length == 2 && memcmp(name, "..", 2) == 0;
        if (up) go_up(w->done);
        if (!here && !up) sprintf(w->done + used, "%s%.*s", used ? "/" : "", (int)length, name);
        memmove(w->rest, name + length, strlen(name + length) + 1);
        if (!here && !up) return 1;
    }
}

/* Makes the last element of done: a file if it ends the path of a file, else a directory. */
static int make_element(struct walk *w) {
    char parent[sizeof w->done], name[NAME_MAX + 1];
    const char *slash = strrchr(w->done, '/'), *last = slash ? slash + 1 : w->done;
    if (snprintf(name, sizeof name, "%s", last) >= (int)sizeof name) return errno = ENAMETOOLONG, -1;
    memcpy(parent, w->done, sizeof parent);
    go_up(parent);
    CLOSED dir = open_in_root(w->root, or_root(parent), O_PATH | O_DIRECTORY);
    if (dir < 0) return -1;
    if (!w->file || w->rest[strspn(w->rest, "/")]) return mkdirat(dir, name, w->file ? 0755 : w->mode);
    CLOSED file = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, w->mode);
    return file < 0 ? -1 : 0;
}

/* Puts the target of the symlink that done ends with before rest. */
static int follow(struct walk *w, int link) {
    char rest[sizeof w->rest];
    ssize_t length = readlinkat(link, "", rest, PATH_MAX);
    if (length < 0) return -1;
    if (++w->links > LINKS_MAX) return errno = ELOOP, -1;
    size_t room = sizeof rest - (size_t)length;
    if (snprintf(rest + length, room, "/%s", w->rest) >= (int)room) return errno = ENAMETOOLONG, -1;
    if (rest[0] == '/')
        w->done[0] = 0;
    else
        go_up(w->done);
    memcpy(w->rest, rest, sizeof rest);
    return 0;
}

/* Goes on past the element that done ends with, making it first where it is missing. */
static int pass(struct walk *w) {
    CLOSED element = open_in_root(w->root, w->done, O_PATH | O_NOFOLLOW);
    if (element < 0 && errno == ENOENT && (make_element(w) == 0 || errno == EEXIST))
        element = open_in_root(w->root, w->done, O_PATH | O_NOFOLLOW);
    struct stat kind;
    if (element < 0 || fstat(element, &kind) < 0) return -1;
    return S_ISLNK(kind.st_mode) ? follow(w, element) : 0;
}

/* The directory (or whatever is there if file is set) at path inside root, as O_PATH. What is missing is made: the
 * target of a dangling symlink too, for an image may say /var/run -> /run and hold no /run. */
static int make_in_root(int root, const char *path, mode_t mode, bool file) {
    uint64_t flags = O_PATH | (file ? 0 : O_DIRECTORY);
    int fd = open_in_root(root, path, flags), more;
    if (fd >= 0 || errno != ENOENT) return fd;
    struct walk w = {.root = root, .mode = mode, .file = file};
    if (snprintf(w.rest, sizeof w.rest, "%s", path) >= PATH_MAX) return errno = ENAMETOOLONG, -1;
    while ((more = go_down(&w)) > 0)
        if (pass(&w) < 0) return -1;
    return more < 0 ? -1 : open_in_root(root, or_root(w.done), flags | O_NOFOLLOW);
}

OP(openat2) { return slot_fill(run, &a[3], open_in_root(a[0].fd, a[1].text, a[2].number)); }
OP(mkdirs) { return slot_fill(run, &a[3], make_in_root(a[0].fd, a[1].text, (mode_t)a[2].number, false)); }
OP(mkfile) { return slot_fill(run, &a[3], make_in_root(a[0].fd, a[1].text, (mode_t)a[2].number, true)); }
