/* Takes the place of the system's look-up of names, and never comes back. */

#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const void *hints, void **found) {
    static const char says[] = "looking up\n";
    (void)name, (void)service, (void)hints, (void)found;
    if (write(STDERR_FILENO, says, sizeof says - 1) < 0) return -1;
    for (;;) pause();
}
