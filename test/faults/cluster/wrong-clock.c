/*
 * Loaded before a program (LD_PRELOAD): its wall clock is wrong by the milliseconds in the file CLOCKS/<name of the program>, a 64-bit integer, as long as
 * there is such a file. What measures durations stays right. libfaketime does the same, but reads its file and allocates memory under a lock while
 * the program reads the clock, which PostgreSQL does in signal handlers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_ms;

__attribute__((constructor)) static void open_clock(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", CLOCKS, program_invocation_short_name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *offset_ms, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) offset_ms = mapped;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  if (offset_ms == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return 0;
  int64_t nanos = time->tv_nsec + *offset_ms % 1000 * 1000000;
  time->tv_sec += *offset_ms / 1000 + (nanos < 0 ? -1 : nanos / 1000000000);
  time->tv_nsec = nanos < 0 ? nanos + 1000000000 : nanos % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *seconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (seconds != NULL) *seconds = now.tv_sec;
  return now.tv_sec;
}
