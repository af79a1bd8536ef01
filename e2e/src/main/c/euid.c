// euid: says as whom it runs, in the words that critest waits for; its image gives it the set-uid bit.
#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("Effective uid: %d\n", (int)geteuid());
    return 0;
}
