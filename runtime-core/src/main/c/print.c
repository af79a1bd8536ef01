/* Prints plans as Plan.text() does. */
#include "plan.h"

struct page {
    int out;
    bool failed;
    size_t used;
    char text[4096];
};

static void flush(struct page *page) {
    for (size_t done = 0; done < page->used && !page->failed;) {
        ssize_t n = write(page->out, page->text + done, page->used - done);
        page->failed = n < 0;
        done += n < 0 ? 0 : (size_t)n;
    }
    page->used = 0;
}

static void put(struct page *page, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (page->used == sizeof page->text) flush(page);
        page->text[page->used++] = text[i];
    }
}

static void put_text(struct page *page, const char *text) { put(page, text, strlen(text)); }

static void put_number(struct page *page, const char *form, uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, form, (unsigned long long)number);
    put_text(page, text);
}

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=+@%,-";

static void put_quoted(struct page *page, const char *text, size_t length) {
    if (length && strspn(text, plain) == length) {
        put(page, text, length);
        return;
    }
    put_text(page, "\"");
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '"' || c == '\\') put_text(page, "\\");
        if (c == '\n')
            put_text(page, "\\n");
        else if (c >= ' ' && c <= '~')
            put(page, &c, 1);
        else
            put_number(page, "\\x%02llx", (unsigned char)c);
    }
    put_text(page, "\"");
}

static uint32_t crc32(const char *bytes, size_t length) {
    uint32_t crc = ~0U;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

static void put_list(struct page *page, const struct operand *list) {
    struct cursor items = items_of(list);
    const char *text, *between = "[";
    for (uint32_t length; next_item(&items, &text, &length); between = " ") {
        put_text(page, between);
        put_quoted(page, text, length);
    }
    put_text(page, list->length ? "]" : "[]");
}

static void put_operand(struct page *page, const struct plan *plan, char letter, const struct operand *a) {
    switch (letter) {
    case 'd':
    case 'i':
    case 'p':
    case 'o':
    case 'k':
        put_text(page, a->slot == NO_SLOT ? "-" : "$");
        put_text(page, a->slot == NO_SLOT ? "" : plan->slots[a->slot]);
        return;
    case 's':
    case 'b': put_quoted(page, a->text, a->length); return;
    case 'x':
        put_number(page, "<%llu bytes crc32 ", a->length);
        put_number(page, "%08llx>", crc32(a->text, a->length));
        return;
    case 'n': put_number(page, "%llu", a->number); return;
    case 'm': put_number(page, "%#llo", a->number); return;
    case 'h': put_number(page, "0x%llx", a->number); return;
    case 'l': put_list(page, a); return;
    default: put_text(page, a->text);
    }
}

static void put_step(struct page *page, const struct plan *plan, const struct step *step) {
    put_text(page, "[");
    put_text(page, step->place == NO_SLOT ? "s" : plan->slots[step->place]);
    put_text(page, "] ");
    put_text(page, step->row->name);
    put_text(page, step->row->form[0] ? " " : "");
    const struct operand *a = step->operand;
    for (const char *form = step->row->form; *form; form++) {
        if (*form == '%')
            put_operand(page, plan, *++form, a++);
        else
            put(page, form, 1);
    }
    put_text(page, step->ignored[0] ? " ignoring " : "");
    put_text(page, step->ignored);
    put_text(page, "\n");
}

int plan_print(int plan_fd, int out) {
    struct plan plan;
    if (plan_open(&plan, plan_fd) < 0) return -1;
    struct page page = {.out = out};
    put_text(&page, "plan ");
    put_quoted(&page, plan.title, plan.title_length);
    put_text(&page, "\n");
    struct cursor at = plan.steps;
    for (struct step step; next_step(&plan, &at, &step);) put_step(&page, &plan, &step);
    flush(&page);
    plan_close(&plan);
    return page.failed ? -1 : 0;
}
