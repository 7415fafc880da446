#pragma once

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// prctl is variadic, which Swift cannot call.
static inline int atrest_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// The C library declares prlimit only where GNU's extensions are asked for.
static inline int atrest_limit_files(pid_t process, rlim_t bytes) {
    struct rlimit limit = {bytes, bytes};
    return (int)syscall(SYS_prlimit64, process, RLIMIT_FSIZE, &limit, (void *)0);
}
#endif
