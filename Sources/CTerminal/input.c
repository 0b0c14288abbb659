// Waiting for keys, signals and other threads at once.
#include "internal.h"
#include "CTerminal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

enum {
    // Far above KEY_MAX + 1, from where curses numbers the keys that only some terminfo entries have.
    paste_start = 0x5000,
    paste_end,
    // A key's bytes come together; longer than this between two of them and the first stood alone.
    between_bytes = 25,
    longest_silence_in_paste = 500,
    longest_silence_in_reply = 50,
    longest_reply = 4096,
    longest_paste = 64 * 1024,
};

static char pasted[longest_paste];
static size_t pasted_length;

static void define(const char *sequence, int code) {
    // Codes above KEY_MAX are keys that only this terminal's entry names; the common meaning is of more use.
    int known = key_defined(sequence);
    if (known <= 0 || known > KEY_MAX) define_key(sequence, code);
}

void ct_define_keys(void) {
    define_key("\033[200~", paste_start);
    define_key("\033[201~", paste_end);
    // The two common spellings, for terminals that send the other one than their terminfo entry says.
    define("\033[A", KEY_UP), define("\033OA", KEY_UP);
    define("\033[B", KEY_DOWN), define("\033OB", KEY_DOWN);
    define("\033[C", KEY_RIGHT), define("\033OC", KEY_RIGHT);
    define("\033[D", KEY_LEFT), define("\033OD", KEY_LEFT);
    define("\033[H", KEY_HOME), define("\033OH", KEY_HOME), define("\033[1~", KEY_HOME);
    define("\033[F", KEY_END), define("\033OF", KEY_END), define("\033[4~", KEY_END);
    define("\033[3~", KEY_DC), define("\033[5~", KEY_PPAGE), define("\033[6~", KEY_NPAGE);
    define("\033[Z", KEY_BTAB);
    define("\033OP", KEY_F(1)), define("\033OQ", KEY_F(2)), define("\033OR", KEY_F(3)), define("\033OS", KEY_F(4));
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void append_scalar(wint_t scalar) {
    unsigned char bytes[4];
    int count = 0;
    if (scalar < 0x80) bytes[count++] = (unsigned char)scalar;
    else if (scalar < 0x800) bytes[count++] = (unsigned char)(0xc0 | scalar >> 6);
    else if (scalar < 0x10000) bytes[count++] = (unsigned char)(0xe0 | scalar >> 12);
    else bytes[count++] = (unsigned char)(0xf0 | scalar >> 18);
    if (scalar >= 0x10000) bytes[count++] = (unsigned char)(0x80 | ((scalar >> 12) & 0x3f));
    if (scalar >= 0x800) bytes[count++] = (unsigned char)(0x80 | ((scalar >> 6) & 0x3f));
    if (scalar >= 0x80) bytes[count++] = (unsigned char)(0x80 | (scalar & 0x3f));
    if (pasted_length + (size_t)count > sizeof pasted) return;
    memcpy(pasted + pasted_length, bytes, (size_t)count);
    pasted_length += (size_t)count;
}

static wint_t checked(wint_t scalar) {
    bool is_scalar = scalar <= 0x10ffff && !(scalar >= 0xd800 && scalar < 0xe000);
    return is_scalar ? scalar : 0xfffd;
}

static ct_event event(ct_event_kind kind, uint32_t value) { return (ct_event){.kind = kind, .value = value}; }

static ct_event read_paste(void) {
    pasted_length = 0;
    wtimeout(stdscr, longest_silence_in_paste);
    wint_t code;
    for (int result; (result = get_wch(&code)) != ERR;) {
        if (result == KEY_CODE_YES && code == (wint_t)paste_end) break;
        if (result == OK) append_scalar(checked(code));
    }
    return event(CT_PASTE, 0);
}

// The rest of a control sequence whose beginning has been read, up to its final letter.
static void drop_rest(void) {
    wint_t code;
    wtimeout(stdscr, 0);
    while (get_wch(&code) == OK && !(code >= 0x40 && code <= 0x7e)) {}
}

// The rest of a string that a terminal sends in reply (OSC, DCS and their like), up to BEL or the string terminator; false
// where nothing follows at once, and what seemed its beginning was a key.
static bool dropped_string(void) {
    wint_t code, last = 0;
    if (get_wch(&code) != OK) return false;
    wtimeout(stdscr, longest_silence_in_reply);
    for (int left = longest_reply; left > 0 && code != 7 && !(last == 27 && code == L'\\'); left--) {
        last = code;
        if (get_wch(&code) != OK) break;
    }
    return true;
}

// What follows an escape that began no known key. A whole unknown sequence is dropped, so that its letters are not
// taken for typing; anything else is left for the next call. Alt and a letter too: it looks like Esc and a letter that come
// together, as from a program that types.
static bool dropped_sequence(void) {
    wint_t code;
    wtimeout(stdscr, 0);
    int result = get_wch(&code);
    if (result == KEY_CODE_YES && code != KEY_BACKSPACE) ungetch((int)code);
    // Alt and Backspace: a word taken back in a shell, nothing here.
    if (result != OK) return result == KEY_CODE_YES && code == KEY_BACKSPACE;
    switch (code) {
    case L'[': drop_rest(); return true;
    case L'O': get_wch(&code); return true;
    case L']': case L'P': case L'X': case L'^': case L'_':
        if (dropped_string()) return true;
        break;
    case 0x7f: return true;
    }
    unget_wch((wchar_t)code);
    return false;
}

static ct_event translate(int result, wint_t code) {
    if (result == OK) {
        if (code == 27 && dropped_sequence()) return event(CT_NONE, 0);
        return event(CT_CHARACTER, checked(code));
    }
    switch ((int)code) {
    case KEY_UP: return event(CT_KEY, CT_UP);
    case KEY_DOWN: return event(CT_KEY, CT_DOWN);
    case KEY_LEFT: return event(CT_KEY, CT_LEFT);
    case KEY_RIGHT: return event(CT_KEY, CT_RIGHT);
    case KEY_ENTER: return event(CT_KEY, CT_ENTER);
    case KEY_BTAB: return event(CT_KEY, CT_BACKTAB);
    case KEY_BACKSPACE: return event(CT_KEY, CT_BACKSPACE);
    case KEY_DC: return event(CT_KEY, CT_DELETE);
    case KEY_HOME: return event(CT_KEY, CT_HOME);
    case KEY_END: return event(CT_KEY, CT_END);
    case KEY_PPAGE: return event(CT_KEY, CT_PAGE_UP);
    case KEY_NPAGE: return event(CT_KEY, CT_PAGE_DOWN);
    case paste_start: return read_paste();
    case KEY_MOUSE: {
        MEVENT mouse;
        if (!ct_has_mouse) {
            // A report that was under way when reports were turned off.
            drop_rest();
            return event(CT_NONE, 0);
        }
        if (getmouse(&mouse) != OK) return event(CT_NONE, 0);
        ct_event result_event = event(CT_MOUSE, CT_PRESS);
        if (mouse.bstate & BUTTON4_PRESSED) result_event.value = CT_WHEEL_UP;
        else if (mouse.bstate & BUTTON5_PRESSED) result_event.value = CT_WHEEL_DOWN;
        else if (!(mouse.bstate & BUTTON1_PRESSED)) return event(CT_NONE, 0);
        result_event.row = mouse.y;
        result_event.column = mouse.x;
        return result_event;
    }
    default:
        if (code > KEY_F0 && code <= KEY_F(63)) return event(CT_FUNCTION, code - KEY_F0);
        return event(CT_NONE, 0);
    }
}

static void take_new_size(void) {
    struct winsize size;
    if (ioctl(ct_shared.output, TIOCGWINSZ, &size) != 0) return;
    int rows = size.ws_row > 0 ? size.ws_row : 1, columns = size.ws_col > 0 ? size.ws_col : 1;
    if (rows != LINES || columns != COLS) resizeterm(rows, columns);
    ct_build_leave();
}

ct_event ct_next(int milliseconds) {
    if (!ct_is_open()) return event(CT_HANGUP, 0);
    long long deadline = milliseconds < 0 ? LLONG_MAX : now() + milliseconds;
    for (;;) {
        ct_drain();
        if (atomic_exchange(&ct_shared.resumed, false)) {
            ct_return_to_screen();
            take_new_size();
            return event(CT_RESUMED, 0);
        }
        if (atomic_exchange(&ct_shared.resized, false)) {
            take_new_size();
            return event(CT_RESIZE, 0);
        }
        // Curses may hold bytes that it read ahead, so it is asked even when nothing has come.
        struct pollfd files[2] = {
            {.fd = ct_shared.input, .events = POLLIN}, {.fd = ct_shared.wake_read, .events = POLLIN}};
        bool is_ready = poll(files, 1, 0) > 0;
        bool has_bytes = files[0].revents & POLLIN;
        wtimeout(stdscr, has_bytes ? between_bytes : 0);
        wint_t code;
        int result = get_wch(&code);
        if (result != ERR) {
            ct_event next = translate(result, code);
            if (next.kind != CT_NONE) return next;
            continue;
        }
        if (is_ready && poll(files, 1, 0) > 0) {
            // Ready and yet nothing to read: the other end is gone.
            int waiting = 0;
            if (ioctl(ct_shared.input, FIONREAD, &waiting) != 0 || waiting == 0) return event(CT_HANGUP, 0);
        }
        if (atomic_exchange(&ct_shared.woken, false)) return event(CT_WOKEN, 0);
        long long left = deadline == LLONG_MAX ? -1 : deadline - now();
        if (deadline != LLONG_MAX && left <= 0) return event(CT_NONE, 0);
        poll(files, 2, left > INT_MAX ? INT_MAX : (int)left);
    }
}

const char *ct_paste_text(size_t *length) {
    *length = pasted_length;
    return pasted;
}

void ct_wake(void) {
    atomic_store(&ct_shared.woken, true);
    ct_notify();
}

void ct_suspend(void) { raise(SIGTSTP); }
