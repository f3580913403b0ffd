/* Says what TCP_USER_TIMEOUT connections get. */

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int file, int level, int name, const void *value, socklen_t length) {
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT)
        dprintf(STDERR_FILENO, "user timeout %u\n", *(const unsigned *)value);
    return syscall(SYS_setsockopt, file, level, name, value, length);
}
