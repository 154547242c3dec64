// Stands in for the parts of the C and C++ run time that the engine's threads, locks, clocks and chance go through. Defined in the
// program, they come before those of the shared libraries. So the engine runs as it is, without knowing that it is simulated.

#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "scheduler.hpp"

namespace {

using simulation::Scheduler;
using simulation::Time;

/// What a mutex or a condition variable holds here; all zeros at first.
struct State {
  int locked;
  int waiting;
};

static_assert(sizeof(State) <= sizeof(pthread_mutex_t) && sizeof(State) <= sizeof(pthread_cond_t));

template <class T>
State& state_of(T* object) {
  return *reinterpret_cast<State*>(object);
}

void wait(const void* on) {
  if (Scheduler::thread() == nullptr) {
    std::fputs("simulation: an event would have to wait\n", stderr);
    std::abort();
  }
  Scheduler::current()->wait(on);
}

void lock(pthread_mutex_t* mutex) {
  auto& state = state_of(mutex);
  while (state.locked != 0) {
    ++state.waiting;
    wait(mutex);
    --state.waiting;
  }
  state.locked = 1;
}

void unlock(pthread_mutex_t* mutex) {
  auto& state = state_of(mutex);
  state.locked = 0;
  if (state.waiting > 0) Scheduler::current()->wake_one(mutex);
}

void give_way() {
  if (auto* scheduler = Scheduler::current()) scheduler->give_way();
}

// Threads read the time of a machine that has been running for a while.
constexpr std::chrono::hours uptime{1000};
constexpr std::chrono::hours since_epoch{490'000};

Time now() { return Scheduler::current() == nullptr ? Time{0} : Scheduler::current()->now(); }

int wait_until(pthread_cond_t* condition, pthread_mutex_t* mutex, std::optional<Time> until) {
  auto& state = state_of(condition);
  unlock(mutex);
  ++state.waiting;
  const bool woken = Scheduler::current()->wait(condition, until);
  --state.waiting;
  lock(mutex);
  return woken ? 0 : ETIMEDOUT;
}

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  give_way();
  lock(mutex);
  return 0;
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  give_way();
  auto& state = state_of(mutex);
  if (state.locked != 0) return EBUSY;
  state.locked = 1;
  return 0;
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  unlock(mutex);
  give_way();
  return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return wait_until(condition, mutex, std::nullopt);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t, const timespec* until) {
  return wait_until(condition, mutex,
                    std::chrono::seconds{until->tv_sec} + std::chrono::nanoseconds{until->tv_nsec} - Time{uptime});
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (state_of(condition).waiting > 0) Scheduler::current()->wake_one(condition);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (state_of(condition).waiting > 0) Scheduler::current()->wake_all(condition);
  return 0;
}

int pthread_cond_destroy(pthread_cond_t*) noexcept { return 0; }

int pthread_create(pthread_t* thread, const pthread_attr_t*, void* (*body)(void*), void* argument) noexcept {
  auto& scheduler = *Scheduler::current();
  *thread = scheduler.spawn(Scheduler::thread()->process, [body, argument] { body(argument); }).number;
  return 0;
}

int pthread_join(pthread_t thread, void**) {
  auto& scheduler = *Scheduler::current();
  while (scheduler.is_running(thread)) scheduler.wait(Scheduler::end_of(thread));
  return 0;
}

int pthread_detach(pthread_t) noexcept { return 0; }

}  // extern "C"

namespace std {
namespace chrono {
inline namespace _V2 {

steady_clock::time_point steady_clock::now() noexcept { return time_point{uptime + ::now()}; }
system_clock::time_point system_clock::now() noexcept { return time_point{since_epoch + ::now()}; }

}  // namespace _V2
}  // namespace chrono

void random_device::_M_init(const string&) {}
void random_device::_M_fini() {}
random_device::result_type random_device::_M_getval() {
  return static_cast<result_type>(Scheduler::current()->random().next());
}

}  // namespace std
