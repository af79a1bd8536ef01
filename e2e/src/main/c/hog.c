// hog MIB [child | children N]: takes and touches MIB of memory and says "took MIB". With "child" a child
// does it, and this process says "child ended by signal S" (or "child exited C") and stays; with "children" N
// of them one after another.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void take(size_t mib) {
    size_t size = mib << 20;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) exit(3);
    for (size_t i = 0; i < size; i += 4096) p[i] = (char)(i >> 12 | 1);
    printf("took %zu\n", mib);
    fflush(stdout);
}

static void in_child(size_t mib) {
    pid_t pid = fork();
    if (pid == 0) {
        take(mib);
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("child ended by signal %d\n", WTERMSIG(status));
    else
        printf("child exited %d\n", WEXITSTATUS(status));
    fflush(stdout);
}

int main(int argc, char **argv) {
    size_t mib = argc > 1 ? (size_t)atol(argv[1]) : 64;
    int children = argc > 2 ? (argc > 3 ? atoi(argv[3]) : 1) : 0;
    for (int i = 0; i < children; i++) in_child(mib);
    if (children == 0) take(mib);
    for (;;) pause();
}
