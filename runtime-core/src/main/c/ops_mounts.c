/* Mounts. */
#include "plan.h"

OP(open_tree) { return slot_fill(run, &a[3], sys_open_tree(a[0].fd, a[1].text, (unsigned)a[2].number)); }
OP(move_mount) { return sys_move_mount(a[0].fd, a[1].fd, a[2].text); }
OP(umount) { return umount2(a[0].text, (int)a[1].number); }
OP(pivot_root) { return (int)syscall(SYS_pivot_root, ".", "."); }
OP(chdir) { return chdir(a[0].text); }
OP(fchdir) { return fchdir(a[0].fd); }

OP(mount) {
    const char *source = a[0].length ? a[0].text : NULL, *type = a[2].length ? a[2].text : NULL;
    return mount(source, a[1].text, type, a[3].number, a[4].length ? a[4].text : NULL);
}

OP(mount_setattr) {
    bool idmap = a[5].slot != NO_SLOT;
    struct mount_attributes attributes = {
        .set = a[2].number | (idmap ? MOUNT_ATTR_IDMAP : 0),
        .clear = a[3].number,
        .propagation = a[4].number,
        .userns_fd = idmap ? (uint64_t)a[5].fd : 0,
    };
    return sys_mount_setattr(a[0].fd, (unsigned)a[1].number, &attributes);
}

/* What the kernel logged into the context: a line per message, behind a letter for its kind. */
static void tell_messages(struct run *run, int context) {
    int err = errno;
    size_t used = 0;
    char line[DETAIL_MAX];
    for (ssize_t n; (n = read(context, line, sizeof line - 1)) > 2 && used < sizeof run->detail - 1;) {
        line[n] = 0;
        line[strcspn(line, "\n")] = 0;
        used += (size_t)snprintf(run->detail + used, sizeof run->detail - used, "%s%s", used ? "; " : "", line + 2);
    }
    errno = err;
}

/* key=value, or a flag without value. */
static int set_parameter(int context, const char *parameter) {
    char key[64];
    size_t length = strcspn(parameter, "=");
    if (!parameter[length]) return sys_fsconfig(context, FSCONFIG_SET_FLAG, parameter, NULL);
    if (length >= sizeof key) return errno = EINVAL, -1;
    memcpy(key, parameter, length);
    key[length] = 0;
    return sys_fsconfig(context, FSCONFIG_SET_STRING, key, parameter + length + 1);
}

OP(fsmount) {
    CLOSED context = sys_fsopen(a[0].text);
    if (context < 0) return -1;
    struct cursor parameters = items_of(&a[1]);
    const char *parameter;
    int done = 0;
    for (uint32_t length; done == 0 && next_item(&parameters, &parameter, &length);)
        done = set_parameter(context, parameter);
    if (done == 0) done = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL);
    int mount = done < 0 ? -1 : sys_fsmount(context, (unsigned)a[2].number);
    if (mount < 0) tell_messages(run, context);
    return slot_fill(run, &a[3], mount);
}

/* What is to be covered, or -1: with errno 0 where it is not there. */
static int open_victim(int root, const char *path) {
    int fd = open_in_root(root, path, O_PATH);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) errno = 0;
    return fd;
}

/* An empty read-only directory. Clones of the first one share its super block; it is attached by then, which kernels
 * before 6.15 ask of what they clone. */
static int empty_directory(struct run *run) {
    if (run->mask_dir >= 0) return sys_open_tree(run->mask_dir, "", OPEN_TREE_CLONE);
    CLOSED context = sys_fsopen("tmpfs");
    if (context < 0 || set_parameter(context, "mode=755") < 0 || set_parameter(context, "nr_inodes=2") < 0 ||
        sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
        return -1;
    return sys_fsmount(context, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

OP(mask) {
    CLOSED victim = open_victim(a[0].fd, a[1].text);
    struct stat kind;
    if (victim < 0) return errno ? -1 : 0;
    if (fstat(victim, &kind) < 0) return -1;
    bool directory = S_ISDIR(kind.st_mode);
    CLOSED cover = directory ? empty_directory(run) : sys_open_tree(a[2].fd, "", OPEN_TREE_CLONE);
    if (cover < 0 || sys_move_mount(cover, victim, "") < 0) return -1;
    if (directory && run->mask_dir < 0) {
        run->mask_dir = cover;
        cover = -1;
    }
    return 0;
}

OP(readonly) {
    CLOSED victim = open_victim(a[0].fd, a[1].text);
    if (victim < 0) return errno ? -1 : 0;
    CLOSED view = sys_open_tree(victim, "", OPEN_TREE_CLONE | AT_RECURSIVE);
    struct mount_attributes readonly = {.set = MOUNT_ATTR_RDONLY};
    if (view < 0 || sys_mount_setattr(view, AT_RECURSIVE, &readonly) < 0) return -1;
    return sys_move_mount(view, victim, "");
}
