/* Takes its time for every vectored write and writes its first part only, so that a connection can end between two of them. */

#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t writev(int file, const struct iovec *parts, int count) {
    (void)count;
    usleep(50000);
    return syscall(SYS_writev, file, parts, 1);
}
