/* coracle-shim: carries out a pod's plans and keeps its containers. */
#include "supervise.h"

static int print_plans(int count, char **files) {
    int failed = 0;
    for (int i = 0; i < count; i++) {
        CLOSED plan = open(files[i], O_RDONLY | O_CLOEXEC);
        if (plan_print(plan, 1) < 0) {
            fprintf(stderr, "print %s: %s\n", files[i], strerror(errno));
            failed = 1;
        }
    }
    return failed;
}

int main(int argc, char **argv) {
    clear_signals();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("coracle-shim " CORACLE_VERSION);
        return 0;
    }
    while (argc == 2 && strcmp(argv[1], "--pause") == 0) pause();
    if (argc > 2 && strcmp(argv[1], "--print") == 0) return print_plans(argc - 2, argv + 2);
    if (argc > 3 && strcmp(argv[1], "--run-plans") == 0) return run_plans(argc - 2, argv + 2);
    if (argc == 3 && strcmp(argv[1], "--spawner") == 0) return spawner(argv[2], NULL, argv);
    if (argc == 5 && strcmp(argv[1], "--spawner") == 0 && strcmp(argv[3], "--cgroup") == 0)
        return spawner(argv[2], argv[4], argv);
    fputs("usage: coracle-shim --version\n"
          "       coracle-shim --pause\n"
          "       coracle-shim --print FILE...\n"
          "       coracle-shim --run-plans DIR FILE...\n"
          "       coracle-shim --spawner RUN [--cgroup DIR[:DIR...]]\n",
          stderr);
    return 2;
}
