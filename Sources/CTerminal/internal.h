// Shared by the files of this target; not part of its interface.
#pragma once
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

// What a signal handler may touch: plain memory written before the handlers are installed, and lock-free flags.
struct ct_shared {
    int input;
    int output;
    int wake_read;
    int wake_write;
    int saved_errors;  // the real stderr while it is redirected, else -1
    struct termios original;
    char leave[512];   // the bytes that put the terminal back
    size_t leave_length;
    char note[512];    // what a crash says on the terminal
    size_t note_length;
    atomic_bool is_up; // whether the terminal is ours to put back
    atomic_bool resized, resumed, woken;
};
extern struct ct_shared ct_shared;

extern bool ct_pastes;       // bracketed paste is on
extern bool ct_has_mouse;    // mouse reports are on

void ct_make_wake_pipe(void);
void ct_notify(void);        // writes to the wake pipe; async-signal-safe
void ct_drain(void);
void ct_install_signals(void);
void ct_remove_signals(void);
void ct_restore_errors(void);
void ct_carry_out_will(void); // async-signal-safe
void ct_write_all(int file, const char *bytes, size_t length); // async-signal-safe
void ct_build_leave(void);   // ct_shared.leave from terminfo and the modes that are on
void ct_send_modes(bool on); // paste and mouse modes that curses does not manage itself
void ct_define_keys(void);
void ct_return_to_screen(void);
