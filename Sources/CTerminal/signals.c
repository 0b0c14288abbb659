// The terminal put back on every way out that leaves a handler time to run.
//
// Handlers call only async-signal-safe functions: tcsetattr, open, write, close, rename, sigaction, dup2,
// pthread_kill, raise.
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ct_shared ct_shared = {.input = -1, .output = -1, .wake_read = -1, .wake_write = -1, .saved_errors = -1};

static const int asked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
enum { asked_count = sizeof asked / sizeof *asked, fault_count = sizeof faults / sizeof *faults };
static struct sigaction before[NSIG];
static bool is_installed[NSIG];
static pthread_t owner;
static char *alternate_stack;
enum { alternate_size = 64 * 1024 };

void ct_write_all(int file, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = write(file, bytes, length);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

void ct_make_wake_pipe(void) {
    // Made once and kept: a late ct_wake from another thread must never write to someone else's file.
    if (ct_shared.wake_read >= 0) return;
    int ends[2];
    if (pipe(ends) != 0) return;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    ct_shared.wake_read = ends[0];
    ct_shared.wake_write = ends[1];
}

void ct_notify(void) {
    int error = errno;
    // A full pipe already holds a byte that will end the wait.
    if (ct_shared.wake_write >= 0 && write(ct_shared.wake_write, "", 1) < 0) errno = 0;
    errno = error;
}

void ct_drain(void) {
    char bytes[64];
    while (read(ct_shared.wake_read, bytes, sizeof bytes) > 0) {}
}

void ct_restore_errors(void) {
    if (ct_shared.saved_errors < 0) return;
    dup2(ct_shared.saved_errors, STDERR_FILENO);
}

static void put_back(void) {
    if (!atomic_exchange(&ct_shared.is_up, false)) return;
    ct_write_all(ct_shared.output, ct_shared.leave, ct_shared.leave_length);
    tcsetattr(ct_shared.input, TCSADRAIN, &ct_shared.original);
}

static void unblock(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// On another thread the owner could still be writing to the terminal: let the owner be the one who stops.
static bool passed_to_owner(int number) {
    if (pthread_equal(pthread_self(), owner)) return false;
    return pthread_kill(owner, number) == 0;
}

static void on_asked(int number) {
    int error = errno;
    if (passed_to_owner(number)) {
        errno = error;
        return;
    }
    put_back();
    // Not after a fault: what led to it should not be there again at the next start.
    ct_carry_out_will();
    ct_restore_errors();
    // Swift's runtime takes SIGQUIT for a crash and would hold the program for its dialog.
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigemptyset(&plain.sa_mask);
    sigaction(number, number == SIGQUIT ? &plain : &before[number], NULL);
    unblock(number);
    raise(number);
    errno = error;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    bool was_up = atomic_load(&ct_shared.is_up);
    put_back();
    if (was_up && ct_shared.note_length > 0) ct_write_all(ct_shared.output, ct_shared.note, ct_shared.note_length);
    ct_restore_errors();
    sigaction(number, &before[number], NULL);
    // A fault of the processor happens again on return, now with the action from before; a sent one must be sent.
    if (info->si_code > 0) return;
    unblock(number);
    raise(number);
}

static void on_stop(int number) {
    int error = errno;
    if (passed_to_owner(number)) {
        errno = error;
        return;
    }
    bool was_up = atomic_load(&ct_shared.is_up);
    put_back();
    struct sigaction ours, plain = {.sa_handler = SIG_DFL};
    sigemptyset(&plain.sa_mask);
    sigaction(SIGTSTP, &plain, &ours);
    unblock(SIGTSTP);
    raise(SIGTSTP);
    // Here again after SIGCONT, or at once where nobody could continue us and the kernel ignored the stop.
    sigaction(SIGTSTP, &ours, NULL);
    if (was_up) {
        // The shell may have changed the modes meanwhile; those are now the ones to give back.
        tcgetattr(ct_shared.input, &ct_shared.original);
        atomic_store(&ct_shared.is_up, true);
        atomic_store(&ct_shared.resumed, true);
        ct_notify();
    }
    errno = error;
}

static void on_continue(int number) {
    (void)number;
    atomic_store(&ct_shared.resumed, true);
    ct_notify();
}

static void on_resize(int number) {
    (void)number;
    atomic_store(&ct_shared.resized, true);
    ct_notify();
}

static void install(int number, struct sigaction *action) {
    if (sigaction(number, NULL, &before[number]) != 0) return;
    // What was ignored from outside (nohup, a shell without job control) stays ignored.
    if (!(before[number].sa_flags & SA_SIGINFO) && before[number].sa_handler == SIG_IGN) return;
    is_installed[number] = sigaction(number, action, NULL) == 0;
}

void ct_install_signals(void) {
    owner = pthread_self();
    // Threads that a dispatch queue has started, and their children, block signals; the owner is to get these.
    for (int i = 0; i < asked_count; i++) unblock(asked[i]);
    for (int i = 0; i < fault_count; i++) unblock(faults[i]);
    unblock(SIGTSTP), unblock(SIGCONT), unblock(SIGWINCH);
    if (alternate_stack == NULL && (alternate_stack = malloc(alternate_size)) != NULL) {
        // A handler on its own stack can still run when the fault is that the stack is full.
        stack_t current, stack = {.ss_sp = alternate_stack, .ss_size = alternate_size};
        if (sigaltstack(NULL, &current) == 0 && (current.ss_flags & SS_DISABLE)) sigaltstack(&stack, NULL);
    }
    struct sigaction action = {.sa_handler = on_asked, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < asked_count; i++) install(asked[i], &action);
    action.sa_handler = on_stop;
    install(SIGTSTP, &action);
    action.sa_handler = on_continue;
    install(SIGCONT, &action);
    action.sa_handler = on_resize;
    install(SIGWINCH, &action);
    struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&fault.sa_mask);
    for (int i = 0; i < fault_count; i++) install(faults[i], &fault);
}

void ct_remove_signals(void) {
    for (int number = 1; number < NSIG; number++) {
        if (!is_installed[number]) continue;
        sigaction(number, &before[number], NULL);
        is_installed[number] = false;
    }
}
