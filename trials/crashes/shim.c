/* Preloaded into a process, it kills it or makes a call fail at the n-th write to a folder. Other calls pass.
 *
 * CRASH_UNDER   the folder; calls on files elsewhere are not counted
 * CRASH_ON      a call and the name of a file, such as "sync gate_audit.jsonl": no other call counts before it
 * CRASH_AT      which call, counted from 1; 0: none
 * CRASH_DO      kill: SIGKILL before the call; torn: SIGKILL after half of a write; a number: fail with this errno
 * CRASH_ONWARD  1: every later call fails as well
 * CRASH_WHILE   calls count only while this file exists
 * CRASH_TRACE   a file to log each call in, and each answer to a client or on standard output
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))
#define MOST 4096

static long count = 0;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_under(const char *path) {
    const char *under = getenv("CRASH_UNDER");
    size_t length = under == NULL ? 0 : strlen(under);
    return length > 0 && strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Return a path made absolute, if possible. */
static const char *whole(int folder, const char *path, char *buffer) {
    char link[64];
    ssize_t length = 0;
    if (path[0] == '/') return path;
    if (folder == AT_FDCWD) {
        if (getcwd(buffer, MOST / 2) == NULL) return path;
        length = (ssize_t)strlen(buffer);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        length = readlink(link, buffer, MOST / 2);
        if (length < 0) return path;
    }
    snprintf(buffer + length, MOST - (size_t)length, "/%s", path);
    return buffer;
}

static const char *named(int descriptor, char *buffer) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, buffer, MOST - 1);
    buffer[length < 0 ? 0 : length] = 0;
    return buffer;
}

static void note(const char *call, const char *path) {
    const char *trace = getenv("CRASH_TRACE");
    char line[MOST + 64];
    if (trace == NULL) return;
    int kept = errno;
    int file = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) {
        int length = snprintf(line, sizeof line, "%s %s\n", call, path);
        syscall(SYS_write, file, line, (size_t)length);
        syscall(SYS_close, file);
    }
    errno = kept;
}

enum { GO, FAIL, TEAR };

static int is_wanted(const char *call, const char *path) {
    const char *on = getenv("CRASH_ON"), *name = strrchr(path, '/');
    size_t length = strlen(call);
    return on == NULL || (strncmp(on, call, length) == 0 && on[length] == ' ' && name != NULL &&
                          strcmp(on + length + 1, name + 1) == 0);
}

/* Decide what happens to a call. */
static int meet(const char *call, const char *path) {
    const char *at = getenv("CRASH_AT"), *todo = getenv("CRASH_DO"), *onward = getenv("CRASH_ONWARD");
    const char *while_there = getenv("CRASH_WHILE");
    if (!is_under(path)) return GO;
    if (while_there != NULL && syscall(SYS_faccessat, AT_FDCWD, while_there, F_OK) != 0) return GO;
    note(call, path);
    long wanted = at == NULL ? 0 : atol(at);
    int is_counted = is_wanted(call, path) || (onward != NULL && count >= wanted);
    if (!is_counted) return GO;
    long now = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    if (todo == NULL || wanted == 0 || now < wanted || (now > wanted && onward == NULL)) return GO;
    if (strcmp(todo, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(todo, "torn") == 0) return TEAR;
    errno = atoi(todo);
    return FAIL;
}

static int is_writing(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; }

#define OPEN(name)                                                                                  \
    int name(const char *path, int flags, ...) {                                                    \
        char buffer[MOST];                                                                          \
        va_list rest;                                                                               \
        va_start(rest, flags);                                                                      \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;                   \
        va_end(rest);                                                                               \
        int met = is_writing(flags) ? meet("open", whole(AT_FDCWD, path, buffer)) : GO;             \
        if (met == TEAR) kill(getpid(), SIGKILL);                                                   \
        return met == FAIL ? -1 : REAL(name)(path, flags, mode);                                    \
    }
OPEN(open)
OPEN(open64)

#define WRITE(name, given, passed)                                                                  \
    ssize_t name given {                                                                            \
        char buffer[MOST];                                                                          \
        int met = meet("write", named(descriptor, buffer));                                         \
        if (descriptor == 1) note("answer", "stdout");                                              \
        if (met == TEAR) {                                                                          \
            size /= 2;                                                                              \
            REAL(name) passed;                                                                      \
            kill(getpid(), SIGKILL);                                                                \
        }                                                                                           \
        return met == FAIL ? -1 : REAL(name) passed;                                                \
    }
WRITE(write, (int descriptor, const void *data, size_t size), (descriptor, data, size))
WRITE(pwrite, (int descriptor, const void *data, size_t size, off_t at), (descriptor, data, size, at))
WRITE(pwrite64, (int descriptor, const void *data, size_t size, off64_t at), (descriptor, data, size, at))

ssize_t send(int descriptor, const void *data, size_t size, int flags) {
    note("answer", "client");
    return REAL(send)(descriptor, data, size, flags);
}

#define CALL(type, name, word, given, path, passed)                                                 \
    type name given {                                                                               \
        char buffer[MOST];                                                                          \
        int met = meet(word, path);                                                                 \
        if (met == TEAR) kill(getpid(), SIGKILL);                                                   \
        return met == FAIL ? -1 : REAL(name) passed;                                                \
    }
CALL(int, fsync, "sync", (int descriptor), named(descriptor, buffer), (descriptor))
CALL(int, fdatasync, "sync", (int descriptor), named(descriptor, buffer), (descriptor))
CALL(int, ftruncate, "truncate", (int descriptor, off_t size), named(descriptor, buffer), (descriptor, size))
CALL(int, ftruncate64, "truncate", (int descriptor, off64_t size), named(descriptor, buffer), (descriptor, size))
CALL(int, unlink, "unlink", (const char *path), whole(AT_FDCWD, path, buffer), (path))
CALL(int, mkdir, "mkdir", (const char *path, mode_t mode), whole(AT_FDCWD, path, buffer), (path, mode))
CALL(int, rename, "rename", (const char *from, const char *to), whole(AT_FDCWD, to, buffer), (from, to))
