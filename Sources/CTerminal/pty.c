// A terminal with nobody before it, to measure against.
#include "internal.h"
#include "CTerminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool ct_make_pty(int rows, int columns, int *person, int *program) {
    char name[128];
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    *program = -1;
    *person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*person < 0) return false;
    bool is_named = grantpt(*person) == 0 && unlockpt(*person) == 0 && ptsname_r(*person, name, sizeof name) == 0;
    if (is_named) *program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*program >= 0 && ioctl(*program, TIOCSWINSZ, &size) == 0) return true;
    if (*program >= 0) close(*program);
    close(*person);
    return false;
}
