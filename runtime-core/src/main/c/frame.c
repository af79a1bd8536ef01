/* Frames of the shim's socket: docs/shim-protocol.md. */
#include "supervise.h"

/* Reads on towards one whole frame: 1 it is whole (set in->have to 0 when done with it), 0 not yet, -1 the
 * peer is gone or talks nonsense. */
int frame_receive(int fd, struct intake *in, struct frame *f) {
    for (;;) {
        uint32_t whole = FRAME_HEAD;
        if (in->have >= FRAME_HEAD) {
            uint32_t length = (uint32_t)number_at(in->bytes, 4);
            if (length > STREAM_MAX) return -1;
            whole += length;
        }
        if (in->have == whole && in->have >= FRAME_HEAD) {
            *f = (struct frame){.type = in->bytes[4],
                                .flags = in->bytes[5],
                                .id = number_at(in->bytes + 8, 8),
                                .next = in->bytes + FRAME_HEAD,
                                .end = in->bytes + whole};
            return 1;
        }
        ssize_t n = recv(fd, in->bytes + in->have, whole - in->have, MSG_DONTWAIT);
        if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        in->have += (uint32_t)n;
    }
}

void frame_head(uint8_t *head, uint8_t type, uint8_t flags, uint64_t id, uint32_t length) {
    memset(head, 0, FRAME_HEAD);
    memcpy(head, &length, 4);
    head[4] = type;
    head[5] = flags;
    memcpy(head + 8, &id, 8);
}

/* Sends a small frame wholly or not at all (EAGAIN): one buffer of a UNIX socket takes it. */
int frame_send(int fd, uint8_t type, uint8_t flags, uint64_t id, const struct payload *p) {
    uint8_t frame[FRAME_HEAD + NEWS_MAX];
    uint32_t length = p ? p->length : 0;
    frame_head(frame, type, flags, id, length);
    if (p) memcpy(frame + FRAME_HEAD, p->bytes, length);
    ssize_t n = send(fd, frame, FRAME_HEAD + length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0 && (size_t)n < FRAME_HEAD + length) errno = EPIPE;
    return n == (ssize_t)(FRAME_HEAD + length) ? 0 : -1;
}

uint64_t take(struct frame *f, unsigned bytes) {
    if (f->end - f->next < (ptrdiff_t)bytes) {
        f->malformed = true;
        return 0;
    }
    f->next += bytes;
    return number_at(f->next - bytes, bytes);
}

void take_text(struct frame *f, char *text, size_t size) {
    size_t length = (size_t)take(f, 2);
    text[0] = 0;
    if (f->malformed || length >= size || (size_t)(f->end - f->next) < length || memchr(f->next, 0, length)) {
        f->malformed = true;
        return;
    }
    memcpy(text, f->next, length);
    text[length] = 0;
    f->next += length;
}

void put(struct payload *p, uint64_t number, unsigned bytes) {
    memcpy(p->bytes + p->length, &number, bytes);
    p->length += bytes;
}

/* What errno says, of no operation. */
void put_refusal(struct payload *p, const char *why) {
    put(p, UINT32_MAX, 4);
    put(p, (uint32_t)errno, 4);
    put_text(p, why);
}

void put_text(struct payload *p, const char *text) {
    size_t length = strlen(text);
    put(p, length, 2);
    memcpy(p->bytes + p->length, text, length);
    p->length += (uint32_t)length;
}
