/* Reads plans from their bytes, docs/plan-format.md, and refuses (EPROTO) whatever is not exactly one. */
#include "plan.h"
#include <stdlib.h>

enum { MAGIC = 0x4e4c5043, VERSION = 1, PLAN_SIZE_MAX = 64 << 20 };

#define ROW(number, name, where, form) {number, where, #name, form, op_##name},
static const struct op_row rows[] = {OPS(ROW)};
#undef ROW

static uint64_t take(struct cursor *at, unsigned bytes) {
    at->bad |= (size_t)(at->end - at->at) < bytes;
    if (at->bad) return 0;
    at->at += bytes;
    return number_at(at->at - bytes, bytes);
}

/* A counted run of bytes with a zero behind it. */
static const char *take_bytes(struct cursor *at, uint32_t *length) {
    *length = (uint32_t)take(at, 4);
    const char *bytes = (const char *)at->at;
    if (at->bad || (size_t)(at->end - at->at) <= *length || bytes[*length] != 0) {
        at->bad = true;
        *length = 0;
        return "";
    }
    at->at += *length + 1;
    return bytes;
}

static const char *take_string(struct cursor *at, uint32_t *length) {
    const char *text = take_bytes(at, length);
    at->bad |= memchr(text, 0, *length) != NULL;
    return text;
}

static void take_slot(const struct plan *plan, struct cursor *at, char letter, struct operand *into) {
    into->slot = (uint16_t)take(at, 2);
    into->fd = AT_FDCWD;
    if (into->slot == NO_SLOT) {
        at->bad |= letter != 'd';
    } else if (into->slot >= plan->slot_count) {
        at->bad = true;
    } else {
        at->bad |= letter == 'p' && place_of(plan, into->slot) < 0;
        at->bad |= letter == 'k' && !strchr(plan->slots[into->slot], '.');
    }
}

static void take_operand(const struct plan *plan, struct cursor *at, char letter, struct operand *into) {
    uint32_t length;
    *into = (struct operand){.slot = NO_SLOT, .fd = -1};
    switch (letter) {
    case 'd':
    case 'i':
    case 'p':
    case 'o':
    case 'k': take_slot(plan, at, letter, into); return;
    case 'n':
    case 'm':
    case 'h': into->number = take(at, 8); return;
    case 'b':
    case 'x': into->text = take_bytes(at, &into->length); return;
    case 'l':
        into->length = (uint32_t)take(at, 4);
        into->text = (const char *)at->at;
        for (uint32_t i = 0; i < into->length && !at->bad; i++) take_string(at, &length);
        return;
    default:
        into->text = take_string(at, &into->length);
        if (letter != 's') at->bad |= !keywords_mean(letter, into->text, &into->number);
    }
}

static bool stands_right(const struct plan *plan, const struct step *step) {
    if (step->place == NO_SLOT) return step->row->where != 'c';
    return step->row->where != 's' && place_of(plan, step->place) >= 0;
}

/* False at the end of the plan, or with at->bad where it is malformed. */
bool next_step(const struct plan *plan, struct cursor *at, struct step *step) {
    if (at->at == at->end || at->bad) return false;
    *step = (struct step){0};
    uint64_t number = take(at, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].number == number) step->row = &rows[i];
    step->place = (uint16_t)take(at, 2);
    uint32_t length;
    step->ignored = take_string(at, &length);
    at->bad |= strspn(step->ignored, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,") != length;
    uint32_t size = (uint32_t)take(at, 4);
    at->bad |= !step->row || !stands_right(plan, step) || (size_t)(at->end - at->at) < size;
    if (at->bad) return false;
    struct cursor operands = {at->at, at->at + size, false};
    struct operand *into = step->operand;
    for (const char *form = step->row->form; (form = strchr(form, '%')); form += 2)
        take_operand(plan, &operands, form[1], into++);
    at->at += size;
    at->bad = operands.bad || operands.at != operands.end;
    return !at->bad;
}

/* The items of a list of strings, for next_item. */
struct cursor items_of(const struct operand *list) {
    struct cursor items = {(const uint8_t *)list->text, (const uint8_t *)list->text, false};
    for (uint32_t i = 0; i < list->length; i++) {
        struct cursor length = {items.end, items.end + 4, false};
        items.end += 4 + take(&length, 4) + 1;
    }
    return items;
}

bool next_item(struct cursor *at, const char **text, uint32_t *length) {
    if (at->at == at->end) return false;
    *text = take_bytes(at, length);
    return true;
}

/* The index of the place whose slot this is, or -1. */
int place_of(const struct plan *plan, uint16_t slot) {
    for (int i = 0; i < plan->place_count; i++)
        if (plan->places[i].slot == slot) return i;
    return -1;
}

static bool slot_name_is_fine(const struct plan *plan, const char *name, uint32_t length) {
    if (length == 0 || length >= SLOT_NAME_MAX || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != length)
        return false;
    for (unsigned i = 0; i < plan->slot_count && plan->slots[i]; i++)
        if (strcmp(plan->slots[i], name) == 0) return false;
    return strcmp(name, "-") != 0;
}

static bool read_front(struct plan *plan) {
    struct cursor at = {plan->bytes, plan->bytes + plan->size, false};
    bool known = take(&at, 4) == MAGIC && take(&at, 2) == VERSION;
    uint64_t slots = take(&at, 2);
    plan->step_count = (uint32_t)take(&at, 4);
    plan->title = take_string(&at, &plan->title_length);
    if (!known || at.bad || slots > SLOT_MAX) return false;
    plan->slot_count = (uint16_t)slots;
    for (unsigned i = 0; i < slots && !at.bad; i++) {
        uint32_t length;
        const char *name = take_string(&at, &length);
        at.bad |= !slot_name_is_fine(plan, name, length);
        plan->slots[i] = name;
    }
    plan->steps = at;
    return !at.bad;
}

/* Takes every step once; a clone3 makes its place known to the steps behind it. */
static bool read_steps(struct plan *plan) {
    struct cursor at = plan->steps;
    uint32_t count = 0;
    for (struct step step; next_step(plan, &at, &step); count++) {
        if (step.row->carry_out != op_clone3) continue;
        const struct operand *id = &step.operand[3], *child = &step.operand[4];
        if (plan->place_count == CHILD_MAX || place_of(plan, child->slot) >= 0 || id->length >= ID_MAX) return false;
        int8_t maker = step.place == NO_SLOT ? -1 : (int8_t)place_of(plan, step.place);
        plan->places[plan->place_count++] = (struct place){child->slot, maker};
    }
    return !at.bad && count == plan->step_count;
}

#if defined(__SANITIZE_ADDRESS__) /* an array of exactly that size lets it see what reads beyond the end */
static void *map(int fd, size_t size) {
    void *bytes = malloc(size);
    return pread(fd, bytes, size, 0) == (ssize_t)size ? bytes : NULL;
}

void plan_close(struct plan *plan) { free((void *)(uintptr_t)plan->bytes); }
#else
static void *map(int fd, size_t size) {
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

void plan_close(struct plan *plan) { munmap((void *)(uintptr_t)plan->bytes, plan->size); }
#endif

/* Maps and checks the whole plan in file fd. Returns 0, or -1 with errno. */
int plan_open(struct plan *plan, int fd) {
    *plan = (struct plan){0};
    struct stat file;
    if (fstat(fd, &file) < 0) return -1;
    if (file.st_size <= 0 || file.st_size > PLAN_SIZE_MAX) return errno = EPROTO, -1;
    plan->size = (size_t)file.st_size;
    plan->bytes = map(fd, plan->size);
    if (!plan->bytes) return -1;
    if (read_front(plan) && read_steps(plan)) return 0;
    plan_close(plan);
    return errno = EPROTO, -1;
}
