// show: what a process is made of, a "key value" line each: ids, capabilities, namespaces, limits,
// descriptors, environment.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void file(const char *key, const char *path) {
    char line[4096];
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) printf("%s %s%s", key, line, strchr(line, '\n') ? "" : "\n");
    if (f) fclose(f);
}

static void link_of(const char *key, const char *path) {
    char target[4096];
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n >= 0) printf("%s %.*s\n", key, (int)n, target);
}

static void namespaces(void) {
    static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char key[32], path[64];
        snprintf(key, sizeof key, "ns.%s", kinds[i]);
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        link_of(key, path);
    }
}

static void descriptors(void) {
    DIR *d = opendir("/proc/self/fd");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char key[300], path[300];
        if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(d)) continue;
        snprintf(key, sizeof key, "fd.%s", e->d_name);
        snprintf(path, sizeof path, "/proc/self/fd/%s", e->d_name);
        link_of(key, path);
    }
    if (d) closedir(d);
}

static void limits(void) {
    static const struct {
        const char *name;
        int id;
    } all[] = {{"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC}, {"core", RLIMIT_CORE},
               {"memlock", RLIMIT_MEMLOCK}, {"stack", RLIMIT_STACK}, {"as", RLIMIT_AS}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rlimit r;
        if (getrlimit(all[i].id, &r) == 0)
            printf("limit.%s %lld %lld\n", all[i].name, (long long)r.rlim_cur, (long long)r.rlim_max);
    }
}

int main(int argc, char **argv) {
    char cwd[4096] = "?";
    mode_t mask = umask(0);
    for (int i = 0; i < argc; i++) printf("arg.%d %s\n", i, argv[i]);
    printf("pid %d\nppid %d\nsid %d\ncwd %s\numask %04o\ndumpable %d\n", getpid(), getppid(), getsid(0),
           getcwd(cwd, sizeof cwd) ? cwd : "?", mask, prctl(PR_GET_DUMPABLE));
    file("status", "/proc/self/status");
    file("oom_score_adj", "/proc/self/oom_score_adj");
    file("cgroup", "/proc/self/cgroup");
    file("attr", "/proc/self/attr/current");
    file("uid_map", "/proc/self/uid_map");
    namespaces();
    limits();
    descriptors();
    for (char **e = environ; *e; e++) printf("env %s\n", *e);
    return 0;
}
