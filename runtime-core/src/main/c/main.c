/* coracle-shim: carries out a pod's plans and keeps its containers. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("coracle-shim " CORACLE_VERSION);
        return 0;
    }
    fputs("usage: coracle-shim --version\n", stderr);
    return 2;
}
