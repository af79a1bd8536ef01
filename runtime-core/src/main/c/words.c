/* The words of flags and choices, by the letter that ops.h has for their kind, and the names of errors. */
#include "plan.h"
#include <linux/seccomp.h>
#include <sys/resource.h>

/* clang-format off */
static const struct {
    char kind;
    const char *word;
    uint64_t value;
} words[] = {
    {'F', "rdonly", O_RDONLY}, {'F', "wronly", O_WRONLY}, {'F', "rdwr", O_RDWR}, {'F', "creat", O_CREAT},
    {'F', "excl", O_EXCL}, {'F', "trunc", O_TRUNC}, {'F', "append", O_APPEND}, {'F', "directory", O_DIRECTORY},
    {'F', "nofollow", O_NOFOLLOW}, {'F', "path", O_PATH}, {'F', "nonblock", O_NONBLOCK},
    {'N', "c", S_IFCHR}, {'N', "b", S_IFBLK}, {'N', "p", S_IFIFO},
    {'E', "file", 0}, {'E', "dir", AT_REMOVEDIR},
    {'T', "clone", OPEN_TREE_CLONE}, {'T', "recursive", AT_RECURSIVE}, {'T', "nofollow", AT_SYMLINK_NOFOLLOW},
    {'A', "ro", MOUNT_ATTR_RDONLY}, {'A', "nosuid", MOUNT_ATTR_NOSUID}, {'A', "nodev", MOUNT_ATTR_NODEV},
    {'A', "noexec", MOUNT_ATTR_NOEXEC}, {'A', "noatime", MOUNT_ATTR_NOATIME},
    {'A', "strictatime", MOUNT_ATTR_STRICTATIME}, {'A', "nodiratime", MOUNT_ATTR_NODIRATIME},
    {'A', "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW}, {'A', "atime", MOUNT_ATTR__ATIME},
    {'D', "single", 0}, {'D', "recursive", AT_RECURSIVE},
    {'P', "keep", 0}, {'P', "private", MS_PRIVATE}, {'P', "slave", MS_SLAVE}, {'P', "shared", MS_SHARED},
    {'P', "unbindable", MS_UNBINDABLE},
    {'M', "ro", MS_RDONLY}, {'M', "nosuid", MS_NOSUID}, {'M', "nodev", MS_NODEV}, {'M', "noexec", MS_NOEXEC},
    {'M', "remount", MS_REMOUNT}, {'M', "bind", MS_BIND}, {'M', "rec", MS_REC}, {'M', "private", MS_PRIVATE},
    {'M', "slave", MS_SLAVE}, {'M', "shared", MS_SHARED}, {'M', "unbindable", MS_UNBINDABLE},
    {'M', "noatime", MS_NOATIME}, {'M', "relatime", MS_RELATIME}, {'M', "strictatime", MS_STRICTATIME},
    {'U', "detach", MNT_DETACH}, {'U', "force", MNT_FORCE}, {'U', "nofollow", UMOUNT_NOFOLLOW},
    {'C', "newns", CLONE_NEWNS}, {'C', "newnet", CLONE_NEWNET}, {'C', "newipc", CLONE_NEWIPC},
    {'C', "newuts", CLONE_NEWUTS}, {'C', "newpid", CLONE_NEWPID}, {'C', "newuser", CLONE_NEWUSER},
    {'C', "newcgroup", CLONE_NEWCGROUP}, {'C', "vm", CLONE_VM}, {'C', "vfork", CLONE_VFORK},
    {'S', "mnt", CLONE_NEWNS}, {'S', "net", CLONE_NEWNET}, {'S', "ipc", CLONE_NEWIPC}, {'S', "uts", CLONE_NEWUTS},
    {'S', "pid", CLONE_NEWPID}, {'S', "user", CLONE_NEWUSER}, {'S', "cgroup", CLONE_NEWCGROUP},
    {'K', "helper", CHILD_HELPER}, {'K', "container", CHILD_CONTAINER}, {'K', "exec", CHILD_EXEC},
    {'K', "init", CHILD_INIT},
    {'R', "stdin", ROLE_STDIN}, {'R', "stdout", ROLE_STDOUT}, {'R', "stderr", ROLE_STDERR}, {'R', "tty", ROLE_TTY},
    {'R', "oom", ROLE_OOM},
    {'L', "cpu", RLIMIT_CPU}, {'L', "fsize", RLIMIT_FSIZE}, {'L', "data", RLIMIT_DATA}, {'L', "stack", RLIMIT_STACK},
    {'L', "core", RLIMIT_CORE}, {'L', "rss", RLIMIT_RSS}, {'L', "nproc", RLIMIT_NPROC}, {'L', "nofile", RLIMIT_NOFILE},
    {'L', "memlock", RLIMIT_MEMLOCK}, {'L', "as", RLIMIT_AS}, {'L', "locks", RLIMIT_LOCKS},
    {'L', "sigpending", RLIMIT_SIGPENDING}, {'L', "msgqueue", RLIMIT_MSGQUEUE}, {'L', "nice", RLIMIT_NICE},
    {'L', "rtprio", RLIMIT_RTPRIO}, {'L', "rttime", RLIMIT_RTTIME},
    {'Q', "tsync", SECCOMP_FILTER_FLAG_TSYNC}, {'Q', "log", SECCOMP_FILTER_FLAG_LOG},
    {'Q', "spec_allow", SECCOMP_FILTER_FLAG_SPEC_ALLOW}, {'Q', "wait_kill", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};
/* clang-format on */

static const char choices[] = "NEDPKRL"; /* kinds of which exactly one word is said; of the others any, or "-" */

static bool word_means(char kind, const char *word, size_t length, uint64_t *value) {
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].kind != kind || strncmp(words[i].word, word, length) != 0 || words[i].word[length]) continue;
        *value |= words[i].value;
        return true;
    }
    return false;
}

/* What "ro|nosuid" means to the kernel; false where it is not a text of that kind. */
bool keywords_mean(char kind, const char *text, uint64_t *value) {
    *value = 0;
    if (strchr(choices, kind)) return word_means(kind, text, strlen(text), value);
    if (strcmp(text, "-") == 0) return true;
    for (;; text++) {
        size_t length = strcspn(text, "|");
        if (!word_means(kind, text, length, value)) return false;
        text += length;
        if (*text == 0) return true;
    }
}

/* clang-format off */
static const char *const error_names =
    "- EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST "
    "EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE "
    "EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH "
    "ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE "
    "ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD "
    "ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT "
    "EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN "
    "ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT "
    "ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT "
    "ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL ";
/* clang-format on */

/* Whether "EEXIST,ENOENT" names the error. */
bool names_errno(const char *names, int err) {
    const char *name = error_names;
    while (err-- > 0 && *name) name += strcspn(name, " ") + 1;
    size_t length = strcspn(name, " ");
    for (; *name && *names; names += strspn(names, ",")) {
        size_t word = strcspn(names, ",");
        if (word == length && strncmp(names, name, length) == 0) return true;
        names += word;
    }
    return false;
}
