// What a signal that ends the program leaves behind: bytes prepared long before, put beside a file and renamed over it.
//
// One thread at a time prepares; a handler carries out. open, write, close and rename are async-signal-safe.
#include "internal.h"
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *path, *part;
    char *bytes;
    size_t length;
} will;

// A handler reads the current one; the other is free to be changed.
static will wills[2];
static atomic_int current = -1;
static atomic_bool is_closed;

bool ct_leave_will(const char *path, const void *bytes, size_t length) {
    // Once a handler is at work nothing may move under it.
    if (atomic_load(&is_closed)) return false;
    will *next = &wills[atomic_load(&current) == 0 ? 1 : 0];
    free(next->path), free(next->part), free(next->bytes);
    *next = (will){.path = strdup(path), .part = malloc(strlen(path) + 32), .bytes = malloc(length), .length = length};
    if (next->path == NULL || next->part == NULL || next->bytes == NULL) return false;
    sprintf(next->part, "%s.%ld.partial", path, (long)getpid());
    memcpy(next->bytes, bytes, length);
    atomic_store(&current, (int)(next - wills));
    return true;
}

void ct_carry_out_will(void) {
    atomic_store(&is_closed, true);
    int place = atomic_load(&current);
    if (place < 0) return;
    const will *last = &wills[place];
    int file = open(last->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return;
    const char *bytes = last->bytes;
    size_t left = last->length;
    while (left > 0) {
        ssize_t sent = write(file, bytes, left);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) break;
        bytes += sent, left -= (size_t)sent;
    }
    bool is_whole = close(file) == 0 && left == 0;
    if (!is_whole || rename(last->part, last->path) != 0) unlink(last->part);
}
