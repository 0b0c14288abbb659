// The terminal behind about a dozen functions: ncursesw's macros, variadics and wide characters stay in here.
//
// One terminal at a time. Everything is called from one thread, the one that opened it, except ct_wake.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ct_attribute { CT_BOLD = 1, CT_DIM = 2, CT_REVERSE = 4, CT_UNDERLINE = 8 };

typedef enum {
    CT_NONE,       // the time ran out
    CT_CHARACTER,  // value: a Unicode scalar, controls included
    CT_KEY,        // value: a ct_key
    CT_FUNCTION,   // value: 1 for F1 and so on
    CT_PASTE,      // text by ct_paste_text
    CT_MOUSE,      // value: a ct_mouse; row and column
    CT_RESIZE,     // the new size by ct_size
    CT_RESUMED,    // back from a stop: everything must be drawn again
    CT_WOKEN,      // ct_wake was called
    CT_HANGUP,     // the terminal is gone
} ct_event_kind;

typedef enum {
    CT_UP, CT_DOWN, CT_LEFT, CT_RIGHT, CT_ENTER, CT_BACKTAB, CT_BACKSPACE, CT_DELETE,
    CT_HOME, CT_END, CT_PAGE_UP, CT_PAGE_DOWN,
} ct_key;

typedef enum { CT_PRESS, CT_WHEEL_UP, CT_WHEEL_DOWN } ct_mouse;

typedef struct {
    ct_event_kind kind;
    uint32_t value;
    int row;
    int column;
} ct_event;

// Takes the terminal over. `type` is a terminfo name, NULL for the variable TERM. NULL on success; otherwise one line
// that says why not (valid until the next call), and the terminal is as it was.
const char *ct_open(int input, int output, const char *type);
// Gives the terminal back as it was. Does nothing when none is open.
void ct_close(void);
bool ct_is_open(void);
void ct_size(int *rows, int *columns);
int ct_colors(void);
// Whether the locale's encoding is UTF-8.
bool ct_is_utf8(void);

// Puts `count` cells of one look from (row, column) on. `bytes` holds their UTF-8 one after the other, `lengths` the
// bytes and `widths` the columns (1 or 2) of each. Colours are numbers, -1 for the terminal's own; `attributes` is a
// sum of ct_attribute. What the locale cannot show becomes a question mark of the same width.
void ct_put(
    int row, int column, const uint8_t *bytes, const uint8_t *lengths, const uint8_t *widths, int count,
    int foreground, int background, unsigned attributes);
// Forgets what is on the screen: the next ct_refresh sends all of it.
void ct_erase(void);
// Where the cursor stands after ct_refresh; a negative row hides it.
void ct_cursor(int row, int column);
void ct_refresh(void);
void ct_mouse_on(bool on);

// The next event; waits `milliseconds` for it, without end if negative.
ct_event ct_next(int milliseconds);
// The text of the last CT_PASTE, UTF-8, valid until the next ct_next.
const char *ct_paste_text(size_t *length);
// Ends a wait of ct_next. From any thread, at any time.
void ct_wake(void);
// Stops the process as Ctrl-Z does; ct_next then reports CT_RESUMED.
void ct_suspend(void);

// While a terminal is open, what is written to stderr goes to the file at `path` (made if missing, readable by its
// owner alone) instead of the screen; a stderr that is no terminal is left alone. NULL on success, else a reason.
const char *ct_redirect_errors(const char *path);

// What SIGINT, SIGTERM, SIGHUP or SIGQUIT leaves in the file at `path` when it ends the program while a terminal is open:
// these bytes, copied, in place of those of an earlier call. From any one thread at a time. False when memory ran out.
bool ct_leave_will(const char *path, const void *bytes, size_t length);

// A new pseudo terminal of that size: the end that a person's keys go into and the screen comes out of, and the end for
// ct_open. Both are the caller's to close. False when the system has none to give.
bool ct_make_pty(int rows, int columns, int *person, int *program);
