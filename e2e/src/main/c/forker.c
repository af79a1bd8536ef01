// forker N [EXIT_CODE]: starts N children that live on, each in a session of its own and each with a child
// whose parent ends; says "forked N". With EXIT_CODE it then ends and leaves them all behind; else it stays.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void stay(void) {
    for (;;) pause();
}

static void child(void) {
    setsid();
    if (fork() == 0) {
        setsid();
        if (fork() == 0) stay(); // its parent ends below: an orphan
        _exit(0);
    }
    stay();
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1;
    for (int i = 0; i < n; i++)
        if (fork() == 0) child();
    sleep(1);
    printf("forked %d\n", n);
    fflush(stdout);
    if (argc > 2) return atoi(argv[2]);
    stay();
}
