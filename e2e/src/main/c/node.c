// node: a machine within the machine, so that tests leave the real one alone and see exactly what a runtime
// leaves behind.
//
//   node hold WORK DIR...     makes a network and a mount namespace; in it each DIR is an overlay whose
//   changes land in
//                             WORK/<n>/upper (n counts from 0), mounts do not reach the machine, and loopback
//                             is up. Says "ready", and keeps all that until its standard input ends.
//   node run HOLDER PIDFILE PROGRAM ARG...
//                             runs PROGRAM in the node that process HOLDER keeps, and writes its pid to
//                             PIDFILE. Whatever PROGRAM leaves behind becomes a child of this process, which
//                             ends with PROGRAM's status when the last of them is gone. When standard input
//                             ends or SIGTERM comes, all are killed.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    fprintf(stderr, "node: %s: %s\n", what, strerror(errno));
    exit(125);
}

static void loopback_up(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (s < 0 || ioctl(s, SIOCSIFFLAGS, &request) < 0) die("loopback up");
    close(s);
}

static void overlay(const char *work, int n, const char *dir) {
    char upper[256], inner[256], options[1024];
    snprintf(inner, sizeof inner, "%s/%d", work, n);
    if (mkdir(inner, 0755) < 0 && errno != EEXIST) die(inner);
    snprintf(upper, sizeof upper, "%s/%d/upper", work, n);
    if (mkdir(upper, 0755) < 0 && errno != EEXIST) die(upper);
    snprintf(inner, sizeof inner, "%s/%d/work", work, n);
    if (mkdir(inner, 0755) < 0 && errno != EEXIST) die(inner);
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", dir, upper, inner);
    if (mount("node", dir, "overlay", 0, options) < 0) die(dir);
}

static int hold(int count, char **args) {
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0) die("unshare");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) die("make private");
    for (int i = 1; i < count; i++) overlay(args[0], i - 1, args[i]);
    if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0) die("make shared");
    loopback_up();
    puts("ready");
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) continue;
    return 0;
}

static void join(const char *holder, const char *kind, int type) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/ns/%s", holder, kind);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, type) < 0) die(path);
    close(fd);
}

static pid_t start(const char *pidfile, char **program) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        sigset_t empty;
        sigemptyset(&empty);
        sigprocmask(SIG_SETMASK, &empty, NULL);
        int null = open("/dev/null", O_RDONLY);
        if (null < 0 || dup2(null, 0) < 0) die("/dev/null");
        execvp(program[0], program);
        die(program[0]);
    }
    FILE *f = fopen(pidfile, "we");
    if (!f || fprintf(f, "%d\n", child) < 0 || fclose(f) != 0) die(pidfile);
    return child;
}

// Children that end show more children, theirs: the caller comes back until there is none.
static void kill_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *f = fopen(path, "re");
    int pid;
    while (f && fscanf(f, "%d", &pid) == 1) kill(pid, SIGKILL);
    if (f) fclose(f);
}

// Reaps what has ended; false when no child is left.
static int reap(pid_t main_child, int *status) {
    for (;;) {
        int s;
        pid_t pid = waitpid(-1, &s, WNOHANG);
        if (pid == 0) return 1;
        if (pid < 0) return errno != ECHILD;
        if (pid == main_child) *status = WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
    }
}

static int supervise(pid_t main_child, int signals) {
    struct pollfd fds[2] = {{.fd = signals, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    int status = 0, killing = 0;
    while (reap(main_child, &status)) {
        if (killing) kill_children();
        int ready = poll(fds, killing ? 1 : 2, killing ? 20 : -1);
        if (ready < 0 && errno != EINTR) die("poll");
        if (ready <= 0) continue;
        struct signalfd_siginfo info;
        if ((fds[0].revents & POLLIN) && read(signals, &info, sizeof info) > 0 && info.ssi_signo == SIGTERM)
            killing = 1;
        char c[64];
        if (!killing && fds[1].revents && read(0, c, sizeof c) <= 0) killing = 1;
    }
    return status;
}

static int run(char **args) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int signals = signalfd(-1, &mask, SFD_CLOEXEC);
    if (signals < 0) die("signalfd");
    join(args[0], "net", CLONE_NEWNET);
    join(args[0], "mnt", CLONE_NEWNS);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) die("subreaper");
    pid_t child = start(args[1], args + 2);
    return supervise(child, signals);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "hold") == 0) return hold(argc - 2, argv + 2);
    if (argc >= 5 && strcmp(argv[1], "run") == 0) return run(argv + 2);
    fprintf(stderr, "node: see the head of node.c\n");
    return 125;
}
