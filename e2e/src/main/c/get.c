// get ADDRESS PORT [PATH]: an HTTP GET of a numeric IPv4 address; writes the body. Fails with 1 when nobody listens, 2
// on any other status than 200. (A static busybox cannot resolve names where it finds another C library's resolver, so
// its wget is no use.)
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int dial(const char *address, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    struct timeval limit = {.tv_sec = 5};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || s < 0) return -1;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return connect(s, (struct sockaddr *)&to, sizeof to) == 0 ? s : -1;
}

int main(int argc, char **argv) {
    if (argc < 3) return 3;
    int s = dial(argv[1], atoi(argv[2]));
    if (s < 0) {
        perror("get: connect");
        return 1;
    }
    dprintf(s, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", argc > 3 ? argv[3] : "/", argv[1]);
    FILE *answer = fdopen(s, "r");
    char line[4096];
    int ok = answer && fgets(line, sizeof line, answer) && strstr(line, " 200 ");
    while (answer && fgets(line, sizeof line, answer) && strcmp(line, "\r\n") != 0) continue;
    size_t n;
    while (answer && (n = fread(line, 1, sizeof line, answer)) > 0) fwrite(line, 1, n, stdout);
    return ok ? 0 : 2;
}
