// Taking the terminal over, drawing, and giving it back.
#include "internal.h"
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

// term.h takes these words as macros.
#undef columns
#undef lines

bool ct_pastes, ct_has_mouse;
static SCREEN *screen;
static FILE *input_file, *output_file;
static bool is_utf8, knows_paste;
static int cursor_row = -1, cursor_column;
static char reason[512];

static const char *paste_on = "\033[?2004h", *paste_off = "\033[?2004l";
static const char *mouse_off = "\033[?1006;1000l";

static const char *fail(const char *format, const char *detail) {
    snprintf(reason, sizeof reason, format, detail);
    for (char *c = reason; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    return reason;
}

static const char *capability(const char *name) {
    const char *text = tigetstr(name);
    return text == NULL || text == (const char *)-1 ? "" : text;
}

// Appends without the padding marks `$<5>` of terminfo: a handler has no time to wait.
static void append(const char *text) {
    size_t *length = &ct_shared.leave_length;
    while (*text) {
        if (text[0] == '$' && text[1] == '<') {
            const char *end = strchr(text, '>');
            if (end != NULL) {
                text = end + 1;
                continue;
            }
        }
        if (*length + 1 >= sizeof ct_shared.leave) return;
        ct_shared.leave[(*length)++] = *text++;
    }
}

void ct_build_leave(void) {
    // A handler that came in between would write half of it.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    ct_shared.leave_length = 0;
    append(capability("sgr0"));
    append(capability("op"));
    if (ct_has_mouse) append(mouse_off);
    if (ct_pastes) append(paste_off);
    append(capability("rmkx"));
    append(capability("cnorm"));
    const char *leave_screen = capability("rmcup");
    const char *move = capability("cup");
    if (*leave_screen) {
        append(leave_screen);
    } else if (*move) {
        // No second screen to go back to: leave the prompt of the shell on a line of its own.
        append(tiparm(move, LINES > 0 ? LINES - 1 : 0, 0));
        append("\r\n");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static bool speaks_paste(const char *type) {
    if (*capability("BE")) return true;
    const char *families[] = {"xterm", "screen", "tmux", "rxvt"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (strncmp(type, families[i], strlen(families[i])) == 0) return true;
    }
    return false;
}

void ct_send_modes(bool on) {
    if (!knows_paste) return;
    const char *bytes = on ? paste_on : paste_off;
    ct_write_all(ct_shared.output, bytes, strlen(bytes));
    ct_pastes = on;
}

static const char *check_type(const char *type, int output) {
    int status = 0;
    if (setupterm(type, output, &status) != OK) {
        if (status < 0) return fail("no terminfo database is installed, so terminal type '%s' cannot be used", type);
        return fail("terminal type '%s' is not known or cannot hold a screen; set TERM to the terminal's type", type);
    }
    bool can_move = *capability("cup") != 0, can_clear = *capability("clear") != 0;
    del_curterm(cur_term);
    if (!can_move || !can_clear) {
        return fail("terminal type '%s' cannot move its cursor; set TERM to the terminal's type", type);
    }
    return NULL;
}

static void close_files(void) {
    if (input_file != NULL) fclose(input_file);
    if (output_file != NULL) fclose(output_file);
    input_file = output_file = NULL;
}

static FILE *duplicate(int file, const char *mode) {
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? NULL : fdopen(copy, mode);
}

static void set_modes(void) {
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    // Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-O are keys here; Ctrl-C, Ctrl-\ and Ctrl-Z stay signals.
    struct termios modes;
    if (tcgetattr(ct_shared.input, &modes) == 0) {
        modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
        modes.c_lflag &= ~(tcflag_t)IEXTEN;
        tcsetattr(ct_shared.input, TCSADRAIN, &modes);
    }
    def_prog_mode();
}

const char *ct_open(int input, int output, const char *type) {
    if (screen != NULL) return fail("%s", "a terminal is open already");
    if (!isatty(input)) return fail("%s", "standard input is not a terminal");
    if (!isatty(output)) return fail("%s", "standard output is not a terminal");
    if (type == NULL) type = getenv("TERM");
    if (type == NULL || *type == 0) return fail("%s", "TERM is not set; set it to the terminal's type");
    if (tcgetattr(input, &ct_shared.original) != 0) return fail("the terminal's modes cannot be read: %s", strerror(errno));

    setlocale(LC_CTYPE, "");
    is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    const char *problem = check_type(type, output);
    if (problem != NULL) return problem;
    ct_make_wake_pipe();
    if (ct_shared.wake_read < 0) return fail("no pipe could be made: %s", strerror(errno));
    input_file = duplicate(input, "r");
    output_file = duplicate(output, "w");
    if (input_file == NULL || output_file == NULL) {
        close_files();
        return fail("the terminal cannot be opened twice: %s", strerror(errno));
    }
    ct_shared.input = fileno(input_file);
    ct_shared.output = fileno(output_file);
    // The window's real size, not the LINES and COLUMNS that some shell exported.
    use_env(FALSE);
    use_tioctl(TRUE);
    // Before newterm, which leaves alone the signals that have a handler.
    ct_install_signals();
    screen = newterm(type, output_file, input_file);
    if (screen == NULL) {
        ct_remove_signals();
        tcsetattr(input, TCSADRAIN, &ct_shared.original);
        close_files();
        return fail("terminal type '%s' cannot hold a screen", type);
    }
    set_term(screen);
    atomic_store(&ct_shared.resized, false);
    atomic_store(&ct_shared.resumed, false);
    set_modes();
    if (getenv("ESCDELAY") == NULL) set_escdelay(25);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    ct_define_keys();
    knows_paste = speaks_paste(type);
    ct_has_mouse = false;
    ct_send_modes(true);
    curs_set(0);
    cursor_row = -1;
    ct_build_leave();
    atomic_store(&ct_shared.is_up, true);
    static bool registered;
    if (!registered) registered = atexit(ct_close) == 0;
    wrefresh(stdscr);
    return NULL;
}

void ct_close(void) {
    if (screen == NULL) return;
    ct_mouse_on(false);
    ct_send_modes(false);
    curs_set(1);
    // A handler that comes between these two lines finds a terminal already put back, which is right.
    endwin();
    atomic_store(&ct_shared.is_up, false);
    tcsetattr(ct_shared.input, TCSADRAIN, &ct_shared.original);
    ct_remove_signals();
    delscreen(screen);
    screen = NULL;
    close_files();
    ct_restore_errors();
    if (ct_shared.saved_errors >= 0) close(ct_shared.saved_errors);
    ct_shared.saved_errors = -1;
    ct_shared.note_length = 0;
}

bool ct_is_open(void) { return screen != NULL; }
bool ct_is_utf8(void) { return is_utf8; }
int ct_colors(void) { return screen != NULL && has_colors() ? COLORS : 0; }

void ct_size(int *rows, int *columns) {
    *rows = screen != NULL ? LINES : 0;
    *columns = screen != NULL ? COLS : 0;
}

// One scalar of well-formed UTF-8; returns the bytes it takes, 0 at the end.
static int decode(const uint8_t *bytes, int length, wchar_t *scalar) {
    if (length <= 0) return 0;
    int size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (size > length) return 0;
    *scalar = size == 1 ? bytes[0] : bytes[0] & (0x7f >> size);
    for (int i = 1; i < size; i++) *scalar = (*scalar << 6) | (bytes[i] & 0x3f);
    return size;
}

// A base with the marks that curses can keep with it. Joined emoji are cut to their first: how wide terminals draw
// the whole differs, and a wrong guess shifts the rest of the line.
static int gather(const uint8_t *bytes, int length, wchar_t text[CCHARW_MAX + 1], int *width) {
    mbstate_t state;
    char encoded[MB_LEN_MAX];
    int count = 0;
    *width = 0;
    wchar_t scalar;
    for (int used; count < CCHARW_MAX && (used = decode(bytes, length, &scalar)) > 0; bytes += used, length -= used) {
        int columns = wcwidth(scalar);
        memset(&state, 0, sizeof state);
        bool fits = wcrtomb(encoded, scalar, &state) != (size_t)-1;
        if (count == 0) {
            bool shows = fits && columns > 0;
            text[count++] = shows ? scalar : is_utf8 ? 0xfffd : L'?';
            *width = shows ? columns : 1;
            if (!shows) break;
        } else {
            if (columns > 0 || !fits || scalar == 0x200d) break;
            if (columns == 0 && scalar != 0xfe0f && scalar != 0xfe0e) text[count++] = scalar;
        }
    }
    if (count == 0) text[count++] = L' ', *width = 1;
    text[count] = 0;
    return count;
}

void ct_put(
    int row, int column, const uint8_t *bytes, const uint8_t *lengths, const uint8_t *widths, int count,
    int foreground, int background, unsigned attributes
) {
    if (screen == NULL || row < 0 || row >= LINES || column < 0) return;
    attr_t look = A_NORMAL;
    if (attributes & CT_BOLD) look |= A_BOLD;
    if (attributes & CT_DIM) look |= A_DIM;
    if (attributes & CT_REVERSE) look |= A_REVERSE;
    if (attributes & CT_UNDERLINE) look |= A_UNDERLINE;
    int pair = 0;
    if (has_colors() && (foreground >= 0 || background >= 0)) {
        pair = alloc_pair(foreground < COLORS ? foreground : -1, background < COLORS ? background : -1);
        if (pair < 0) pair = 0;
    }
    cchar_t cell;
    wchar_t text[CCHARW_MAX + 1];
    for (int i = 0; i < count; bytes += lengths[i], column += widths[i], i++) {
        if (column + widths[i] > COLS) return;
        int width;
        gather(bytes, lengths[i], text, &width);
        if (width > widths[i]) {
            text[0] = L'?', text[1] = 0;
            width = 1;
        }
        if (setcchar(&cell, text, look, 0, &pair) == OK) mvwadd_wchnstr(stdscr, row, column, &cell, 1);
        if (width < widths[i] && setcchar(&cell, L" ", look, 0, &pair) == OK) {
            mvwadd_wchnstr(stdscr, row, column + 1, &cell, 1);
        }
    }
}

void ct_erase(void) {
    if (screen == NULL) return;
    werase(stdscr);
    clearok(stdscr, TRUE);
}

void ct_cursor(int row, int column) {
    if (screen == NULL) return;
    bool shows = row >= 0 && row < LINES && column >= 0 && column < COLS;
    cursor_row = shows ? row : -1;
    cursor_column = shows ? column : 0;
}

// A stop in the middle of a frame would have the rest of it drawn on the shell's own screen, once there is a way back.
static void hold_stops(bool on) {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    pthread_sigmask(on ? SIG_BLOCK : SIG_UNBLOCK, &stop, NULL);
}

void ct_refresh(void) {
    if (screen == NULL) return;
    hold_stops(true);
    // Back from a stop the screen is the shell's until ct_next has taken it over; what is drawn now is drawn again then.
    if (!atomic_load(&ct_shared.resumed)) {
        curs_set(cursor_row >= 0 ? 1 : 0);
        if (cursor_row >= 0) wmove(stdscr, cursor_row, cursor_column);
        wrefresh(stdscr);
    }
    hold_stops(false);
}

void ct_mouse_on(bool on) {
    if (screen == NULL || on == ct_has_mouse) return;
    // Before the terminal is told: a signal that comes in between must find the way to turn reports off.
    ct_has_mouse = true;
    ct_build_leave();
    mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
    mmask_t given = mousemask(on ? wanted : 0, NULL);
    mouseinterval(0);
    if (on && given != 0) return;
    ct_has_mouse = false;
    ct_build_leave();
}

void ct_return_to_screen(void) {
    // A round trip through endwin makes curses forget what it believes about modes, colours and attributes.
    bool had_mouse = ct_has_mouse;
    hold_stops(true);
    ct_mouse_on(false);
    endwin();
    wrefresh(stdscr);
    curs_set(1);
    curs_set(0);
    ct_send_modes(true);
    ct_mouse_on(had_mouse);
    hold_stops(false);
}

const char *ct_redirect_errors(const char *path) {
    if (screen == NULL || ct_shared.saved_errors >= 0 || !isatty(STDERR_FILENO)) return NULL;
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) return fail("the log file cannot be opened: %s", strerror(errno));
    fflush(stderr);
    int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved < 0 || dup2(log, STDERR_FILENO) < 0) {
        close(log);
        if (saved >= 0) close(saved);
        return fail("stderr cannot be redirected: %s", strerror(errno));
    }
    close(log);
    ct_shared.saved_errors = saved;
    bool is_printable = true;
    for (const char *c = path; *c; c++) is_printable &= (unsigned char)*c >= 0x20 && *c != 0x7f;
    int length = snprintf(
        ct_shared.note, sizeof ct_shared.note, "the program stopped on a fault; what it last said is in %s\r\n",
        is_printable ? path : "its log file");
    ct_shared.note_length = length > 0 && (size_t)length < sizeof ct_shared.note ? (size_t)length : 0;
    return NULL;
}
