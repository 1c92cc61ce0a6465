/* A wall clock that runs fast: base + (now - origin) * speed, for a program that preloads it.
 * All programs with the same three settings see the same time, even after a restart. Monotonic clocks, timeouts and
 * the kernel's own times are not affected.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t origin_ns, base_ns, speed = 1;

__attribute__((constructor)) static void read_settings(void) {
    const char *origin = getenv("SOAK_ORIGIN_NS"), *base = getenv("SOAK_BASE_NS"), *fast = getenv("SOAK_SPEED");
    if (origin && base && fast) {
        origin_ns = strtoll(origin, NULL, 10);
        base_ns = strtoll(base, NULL, 10);
        speed = strtoll(fast, NULL, 10);
    }
}

static int64_t fast_ns(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    int64_t real = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    return base_ns + (real - origin_ns) * speed;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
        return (int)syscall(SYS_clock_gettime, clock, time);
    }
    int64_t now = fast_ns();
    time->tv_sec = now / 1000000000;
    time->tv_nsec = now % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    int64_t now = fast_ns();
    time->tv_sec = now / 1000000000;
    time->tv_usec = now / 1000 % 1000000;
    return 0;
}

time_t time(time_t *kept) {
    time_t now = fast_ns() / 1000000000;
    if (kept) {
        *kept = now;
    }
    return now;
}
