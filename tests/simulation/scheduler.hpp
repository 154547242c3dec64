#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fiber.hpp"
#include "process.hpp"
#include "random.hpp"

namespace simulation {

/// Virtual time since the run began.
using Time = std::chrono::nanoseconds;

/// What the code under test takes for a thread.
class Thread {
 public:
  Thread(std::uint64_t its_number, Process& its_process, std::function<void()> body)
      : number{its_number}, process{its_process}, fiber{std::move(body)} {}

  std::uint64_t number;
  Process& process;
  Fiber fiber;
  const void* waits_on = nullptr;
  std::uint64_t waits = 0;  // the number of its wait, to tell an old time-out
  bool timed_out = false;
};

/// Runs the threads of all processes one after the other, in an order that is drawn, and moves the clock on when all wait.
class Scheduler {
 public:
  /// `preemption`: a running thread gives way at one in so many of the points where it could; 0 for never.
  Scheduler(std::uint64_t seed, std::size_t preemption);
  ~Scheduler();

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The one that runs now; nullptr outside of a run.
  static Scheduler* current() { return current_; }
  /// The thread that runs now; nullptr in an event.
  static Thread* thread() { return thread_; }

  Time now() const { return now_; }
  Random& random() { return random_; }

  void at(Time time, std::function<void()> event);
  void after(Time delay, std::function<void()> event) { at(now_ + delay, std::move(event)); }
  /// The same, but not while the process is frozen.
  void after_in(Process& process, Time delay, std::function<void()> event);

  Thread& spawn(Process& process, std::function<void()> body);
  void freeze(Process& process) { process.is_frozen = true; }
  void thaw(Process& process);

  // ---- for threads

  /// Another thread may run now.
  void give_way();
  void pass(Time time);
  /// Until woken; false when the time is over before.
  bool wait(const void* on, std::optional<Time> until = std::nullopt);
  void wake_one(const void* on);
  void wake_all(const void* on);

  // ----

  /// Until `done`, which is asked after every step. False where that would take longer than `limit`, or for ever.
  bool run_until(const std::function<bool()>& done, Time limit);

  /// Nothing runs any more: run_until() returns false from now on.
  void halt() { is_halted_ = true; }
  bool is_halted() const { return is_halted_; }

  bool is_running(std::uint64_t thread) const;
  /// What to wait on until a thread has ended.
  static const void* end_of(std::uint64_t thread) { return reinterpret_cast<const void*>(thread); }
  std::size_t threads() const { return threads_.size(); }
  std::uint64_t steps() const { return steps_; }
  /// Tells two runs apart: the order of everything went into it.
  std::uint64_t trace() const { return trace_; }
  /// Tells the story of the run, line by line, where that was asked for.
  template <class... Args>
  void tell(fmt::format_string<Args...> format, Args&&... args) const {
    if (!is_verbose) return;
    fmt::print("{:>12.3f} {}\n", static_cast<double>(now_.count()) / 1e6,
               fmt::format(format, std::forward<Args>(args)...));
  }
  bool is_verbose = false;

  void note(std::uint64_t what) { trace_ = (trace_ ^ what) * 0x100000001b3u; }

 private:
  struct Event {
    Time time;
    std::uint64_t number;
    std::function<void()> call;
    bool operator>(const Event& other) const { return time != other.time ? time > other.time : number > other.number; }
  };

  void make_ready(Thread& thread);
  void run(std::size_t ready);
  void fire();

  static inline Scheduler* current_ = nullptr;
  static inline Thread* thread_ = nullptr;

  Time now_{0};
  Random random_;
  std::size_t preemption_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<Thread*> ready_;
  std::vector<Thread*> waiting_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t event_numbers_ = 0;
  std::uint64_t thread_numbers_ = 0;
  std::uint64_t wait_numbers_ = 0;
  std::uint64_t steps_ = 0;
  bool is_halted_ = false;
  std::uint64_t trace_ = 0xcbf29ce484222325u;
};

}  // namespace simulation
