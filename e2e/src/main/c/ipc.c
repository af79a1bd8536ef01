// ipc put KEY TEXT | ipc get KEY: a System V shared memory segment, to see who shares an IPC namespace. "get"
// fails with 1 where there is none.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    key_t key = (key_t)atol(argv[2]);
    int put = strcmp(argv[1], "put") == 0;
    int id = shmget(key, 4096, put ? IPC_CREAT | 0600 : 0);
    if (id < 0) {
        perror("ipc: shmget");
        return 1;
    }
    char *p = shmat(id, NULL, 0);
    if (p == (void *)-1) return 1;
    if (put)
        snprintf(p, 4096, "%s", argc > 3 ? argv[3] : "");
    else
        puts(p);
    return 0;
}
