// To be preloaded: the process's wall clock is off by as many seconds as the file $TIDEMARK_WALL_CLOCK holds at the moment, a 64-bit
// integer that a test changes while the process runs. The steady clock stays as it is. Waits until a time of the wall clock last as long
// as that clock says, as the kernel has it.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <unistd.h>

namespace {

using ReadClock = int (*)(clockid_t, timespec*);
using WaitByClock = int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*);

// How soon a wait notices that the clock was stepped.
constexpr long slice_ns = 5'000'000;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int read_clock(clockid_t clock, timespec* time) {
  static const auto real = next<ReadClock>("clock_gettime");
  return real(clock, time);
}

int wait_by_clock(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  static const auto real = next<WaitByClock>("pthread_cond_clockwait");
  return real(condition, mutex, clock, until);
}

const std::atomic<std::int64_t>* map_step() {
  static constexpr std::atomic<std::int64_t> none = 0;
  const char* path = std::getenv("TIDEMARK_WALL_CLOCK");
  if (path == nullptr) return &none;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  void* mapped = mmap(nullptr, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) std::abort();
  close(file);
  return static_cast<const std::atomic<std::int64_t>*>(mapped);
}

std::int64_t step() {
  static const auto* seconds = map_step();
  return *seconds;
}

timespec wall_now() {
  timespec now{};
  read_clock(CLOCK_REALTIME, &now);
  now.tv_sec += step();
  return now;
}

bool is_over(const timespec& until) {
  const auto now = wall_now();
  return now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec);
}

timespec steady_soon() {
  timespec soon{};
  read_clock(CLOCK_MONOTONIC, &soon);
  soon.tv_nsec += slice_ns;
  if (soon.tv_nsec >= 1'000'000'000) {
    soon.tv_nsec -= 1'000'000'000;
    ++soon.tv_sec;
  }
  return soon;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return read_clock(clock, time);
  *time = wall_now();
  return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  const auto now = wall_now();
  *time = {now.tv_sec, now.tv_nsec / 1'000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const auto now = wall_now().tv_sec;
  if (time != nullptr) *time = now;
  return now;
}

int timespec_get(timespec* time, int base) noexcept {
  *time = wall_now();
  return base;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  while (!is_over(*until)) {
    const auto soon = steady_soon();
    const int error = wait_by_clock(condition, mutex, CLOCK_MONOTONIC, &soon);
    if (error != ETIMEDOUT) return error;
  }
  return ETIMEDOUT;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  return clock == CLOCK_REALTIME ? pthread_cond_timedwait(condition, mutex, until)
                                 : wait_by_clock(condition, mutex, clock, until);
}

/// librdkafka's, where it uses the C library's threads.
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  const int error = pthread_cond_timedwait(reinterpret_cast<pthread_cond_t*>(condition),
                                           reinterpret_cast<pthread_mutex_t*>(mutex), until);
  if (error == 0) return thrd_success;
  return error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

}  // extern "C"
