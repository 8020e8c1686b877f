// What Swift's own import of the C library lacks: variadic functions, macros, and handlers that may run in a signal.
#ifndef SLUICE_CLINUX_SHIMS_H
#define SLUICE_CLINUX_SHIMS_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// GNU's own functions, which the C library declares only on demand: the demand cannot be made for Swift's import.
extern int pipe2(int descriptors[2], int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

extern int memfd_create(const char *name, unsigned flags);

static inline int sluice_pipe2(int *descriptors, int flags) { return pipe2(descriptors, flags); }

/// A file in memory without a name in any folder, closed when another program is executed.
static inline int sluice_memory_file(const char *name) { return memfd_create(name, 1u); }

/// Names the calling thread; at most 15 bytes.
static inline int sluice_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

static inline int sluice_spawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

/// Asks the kernel to send this process a signal when the thread that started it ends. 0, or -1 with errno.
static inline int sluice_set_parent_death_signal(int signal_number) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal_number, 0UL, 0UL, 0UL);
}

/// CLOCK_MONOTONIC in nanoseconds: the clock of every schedule, latency and ledger entry, the same for all processes of
/// a host. In line, for it is read for every request.
static inline int64_t sluice_monotonic_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Lets the calling thread's timers fire as close to their time as the kernel can; by default it may add 50 µs to save
/// power. 0, or -1 with errno.
static inline int sluice_set_least_timer_slack(void) {
    return prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

/// The environment as exec wants it. Swift cannot name the variable, for it is mutable and global.
static inline char *const *sluice_environment(void) {
    extern char **environ;
    return environ;
}

static int sluice_signal_descriptor = -1;

static inline void sluice_write_signal(int signal_number) {
    int saved = errno;
    unsigned char byte = (unsigned char)signal_number;
    ssize_t written = write(sluice_signal_descriptor, &byte, 1);
    (void)written;
    errno = saved;
}

/// From now on the signal's number is written as one byte to the descriptor, which must not block.
/// All signals of a process share the descriptor given last. 0, or -1 with errno.
static inline int sluice_forward_signal(int signal_number, int descriptor) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sluice_signal_descriptor = descriptor;
    action.sa_handler = sluice_write_signal;
    action.sa_flags = SA_RESTART;
    return sigaction(signal_number, &action, NULL);
}

static inline int sluice_ignore_signal(int signal_number) {
    return signal(signal_number, SIG_IGN) == SIG_ERR ? -1 : 0;
}

#endif
