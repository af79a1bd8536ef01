// lines N [WIDTH [EVERY]]: writes N numbered lines of WIDTH bytes to standard output, each EVERYth to
// standard error instead, each with one write; the number is the first word. "lines partial TEXT" writes TEXT
// without a newline.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w < 0) exit(1);
        p += w;
        n -= (size_t)w;
    }
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "partial") == 0) {
        put(1, argv[2], strlen(argv[2]));
        return 0;
    }
    long n = argc > 1 ? atol(argv[1]) : 1;
    size_t width = argc > 2 ? (size_t)atol(argv[2]) : 0;
    long every = argc > 3 ? atol(argv[3]) : 0;
    size_t size = width > 32 ? width : 32;
    char *line = malloc(size + 2);
    if (!line) return 1;
    for (long i = 1; i <= n; i++) {
        size_t length = (size_t)sprintf(line, "%ld", i);
        if (length < width) {
            line[length] = ' ';
            memset(line + length + 1, 'x', width - length - 1);
            length = width;
        }
        line[length++] = '\n';
        put(every > 0 && i % every == 0 ? 2 : 1, line, length);
    }
    return 0;
}
