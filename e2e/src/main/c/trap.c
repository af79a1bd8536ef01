// trap [ignore | exit CODE | slow MILLISECONDS CODE]: says "ready", then "got N" for every signal N that
// comes. "exit" ends with CODE at the first one, "slow" so much later; "ignore" (the default) never ends by
// itself.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    const char *mode = argc > 1 ? argv[1] : "ignore";
    puts("ready");
    fflush(stdout);
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal < 0) continue;
        printf("got %d\n", signal);
        fflush(stdout);
        if (strcmp(mode, "exit") == 0 && argc > 2) return atoi(argv[2]);
        if (strcmp(mode, "slow") == 0 && argc > 3) {
            long ms = atol(argv[2]);
            struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
            nanosleep(&t, NULL);
            return atoi(argv[3]);
        }
    }
}
