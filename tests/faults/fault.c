/* Count the calls that change a file system below one directory, and make one of them fail.

   Preloaded into a process. `fault_arm` says which call, counted from 1, and how; `fault_count`
   tells how many there were. Calls on files elsewhere are neither counted nor touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum mode { NONE, FAIL_ONCE, DISK_FULL, KILL_BEFORE, KILL_AFTER, KILL_HALFWAY };

static char root[4096];
static atomic_long calls, chosen;
static atomic_int mode;

void fault_arm(const char *directory, long call, int how) {
    snprintf(root, sizeof root, "%s/", directory);
    chosen = call;
    mode = how;
    calls = 0;
}

long fault_count(void) { return calls; }

static int is_below(const char *path) { return root[0] && !strncmp(path, root, strlen(root)); }

static int is_file_below(int fd) {
    char link[64], path[4096];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return is_below(path) || (strlen(path) + 1 == strlen(root) && !strncmp(path, root, size));
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether this call is to fail; `needs_space`: a full disk refuses it, as it does all after it. */
static int fails(int needs_space, int *is_chosen) {
    long call = ++calls;
    *is_chosen = call == chosen;
    if (*is_chosen && mode == KILL_BEFORE) die();
    if (*is_chosen && mode == FAIL_ONCE) return errno = EIO, 1;
    if (mode == DISK_FULL && chosen && call >= chosen && needs_space) return errno = ENOSPC, 1;
    return 0;
}

static void end(int is_chosen) {
    int saved = errno;
    if (is_chosen && (mode == KILL_AFTER || mode == KILL_HALFWAY)) die();
    errno = saved;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)

#define COUNTED(counts, needs_space, type, call)                                                  \
    if (!(counts)) return call;                                                                   \
    int is_chosen;                                                                                \
    if (fails(needs_space, &is_chosen)) return -1;                                                \
    type result = call;                                                                           \
    end(is_chosen);                                                                               \
    return result

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    if (!is_file_below(fd)) return real(fd, data, size);
    int is_chosen;
    if (fails(1, &is_chosen)) return -1;
    ssize_t result = real(fd, data, is_chosen && mode == KILL_HALFWAY ? size / 2 : size);
    end(is_chosen);
    return result;
}

int fsync(int fd) {
    REAL(fsync);
    COUNTED(is_file_below(fd), 0, int, real(fd));
}

int rename(const char *from, const char *to) {
    REAL(rename);
    COUNTED(is_below(to), 0, int, real(from, to));
}

int link(const char *from, const char *to) {
    REAL(link);
    COUNTED(is_below(to), 1, int, real(from, to));
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    REAL(linkat);
    COUNTED(is_below(to), 1, int, real(from_fd, from, to_fd, to, flags));
}

int unlink(const char *path) {
    REAL(unlink);
    COUNTED(is_below(path), 0, int, real(path));
}
