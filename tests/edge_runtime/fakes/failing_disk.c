/* A disk that fails at the n-th call, for files below one folder. Preload it (LD_PRELOAD) with FAILING_FOLDER set; then
   fail_at() from within the process, or FAIL_AT, FAIL_ERRNO and FAIL_TIMES from without, say when. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long calls, first = -1, last = -1;
static int what = EIO;

/* From the n-th call on (1 is the next), so many times; times < 0: until told otherwise, n = 0: never. */
void fail_at(long n, int error, long times) {
  calls = 0;
  first = n > 0 ? n : -1;
  last = times < 0 ? 1L << 60 : n + times - 1;
  what = error;
}

long failing_calls(void) { return calls; }

__attribute__((constructor)) static void from_environment(void) {
  const char *n = getenv("FAIL_AT"), *error = getenv("FAIL_ERRNO"), *times = getenv("FAIL_TIMES");
  if (n) fail_at(atol(n), error ? atoi(error) : EIO, times ? atol(times) : 1);
}

static int watched(const char *path) {
  const char *folder = getenv("FAILING_FOLDER");
  return folder && path && !strncmp(path, folder, strlen(folder));
}

static int fails(void) {
  calls++;
  if (first < 0 || calls < first || calls > last) return 0;
  errno = what;
  return 1;
}

static int fails_for(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return watched(path) && fails();
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* What fails leaves half of what was to be written, as a full disk does. */
ssize_t write(int d, const void *b, size_t n) { REAL(write); if (fails_for(d)) { int e = errno; (void)!real(d, b, n / 2); errno = e; return -1; } return real(d, b, n); }
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { REAL(pwrite); if (fails_for(d)) { int e = errno; (void)!real(d, b, n / 2, o); errno = e; return -1; } return real(d, b, n, o); }
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) { REAL(pwrite64); if (fails_for(d)) { int e = errno; (void)!real(d, b, n / 2, o); errno = e; return -1; } return real(d, b, n, o); }
int fsync(int d) { REAL(fsync); return fails_for(d) ? -1 : real(d); }
int fdatasync(int d) { REAL(fdatasync); return fails_for(d) ? -1 : real(d); }
int ftruncate(int d, off_t n) { REAL(ftruncate); return fails_for(d) ? -1 : real(d, n); }
int ftruncate64(int d, off64_t n) { REAL(ftruncate64); return fails_for(d) ? -1 : real(d, n); }
int rename(const char *from, const char *to) { REAL(rename); return watched(from) && fails() ? -1 : real(from, to); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); return watched(path) && fails() ? -1 : real(path, mode); }
int open(const char *path, int flags, ...) {
  REAL(open);
  va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);
  return (flags & O_CREAT) && watched(path) && fails() ? -1 : real(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);
  return (flags & O_CREAT) && watched(path) && fails() ? -1 : real(path, flags, mode);
}
