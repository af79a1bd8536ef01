/* N.result: what a plan brought back, docs/plan-format.md. It gets its name once it is whole. */
#include "plan.h"
#include <sys/uio.h>

enum { RECORD_PIECE = 0x31525043, RECORD_END = 0x45525043 }; /* CPR1, CPRE */

struct record {
    uint32_t kind, length; /* of what follows */
    char name[120];
};

struct ending {
    int32_t failed_op, err;
    char detail[DETAIL_MAX];
};

static int put_record(int fd, const struct record *record, const void *body) {
    struct iovec parts[] = {{(void *)(uintptr_t)record, sizeof *record}, {(void *)(uintptr_t)body, record->length}};
    ssize_t written = writev(fd, parts, 2);
    if (written < 0) return -1;
    return (size_t)written == sizeof *record + record->length ? 0 : (errno = ENOSPC, -1);
}

static int result_open(int dir, uint64_t number) {
    char name[48];
    snprintf(name, sizeof name, "%llu.result.new", (unsigned long long)number);
    return openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* Adds bytes to the answer name.suffix (name alone where suffix is empty); a reader puts the pieces together. */
int answer(struct run *run, const char *name, const char *suffix, const void *bytes, size_t length) {
    struct record record = {.kind = RECORD_PIECE, .length = (uint32_t)length};
    int needed = snprintf(record.name, sizeof record.name, "%s%s", name, suffix);
    if (needed >= (int)sizeof record.name) return errno = ENAMETOOLONG, -1;
    if (run->result < 0) run->result = result_open(run->result_dir, run->number);
    return run->result < 0 ? -1 : put_record(run->result, &record, bytes);
}

static int finish(int dir, uint64_t number, int result, struct worker_area *area) {
    struct ending ending = {.failed_op = area->failed_op, .err = area->err};
    memcpy(ending.detail, area->detail, sizeof ending.detail);
    struct record record = {.kind = RECORD_END, .length = sizeof ending};
    char from[48], to[48];
    snprintf(from, sizeof from, "%llu.result.new", (unsigned long long)number);
    snprintf(to, sizeof to, "%llu.result", (unsigned long long)number);
    if (put_record(result, &record, &ending) < 0 || renameat(dir, from, dir, to) < 0) return -1;
    area->has_result = 1;
    return 0;
}

/* The worker's end: writes the result where there is anything to say. */
int result_end(struct run *run) {
    if (run->result < 0 && run->area->err == 0 && !run->area->durable) return 0;
    if (run->result < 0) run->result = result_open(run->result_dir, run->number);
    return run->result < 0 ? -1 : finish(run->result_dir, run->number, run->result, run->area);
}

int plan_result(int result_dir, uint64_t plan_number, struct worker_area *area) {
    CLOSED result = result_open(result_dir, plan_number);
    return result < 0 ? -1 : finish(result_dir, plan_number, result, area);
}
