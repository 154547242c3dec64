#pragma once

#include <csetjmp>
#include <cstddef>
#include <functional>
#include <vector>

namespace simulation {

/// A thread of control that is switched to and from by hand: what stands in for a thread, so that a run has only one.
///
/// Unlike a bare context, it carries its own exceptions along: a fiber may be left in the middle of a catch block.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();

  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs it until it suspends itself or ends. Not to be called from a fiber.
  void resume();
  /// Back to whoever resumed the fiber that is running.
  static void suspend();
  bool is_done() const { return done_; }

 private:
  struct Exceptions {  // as the C++ ABI keeps them for each thread
    void* caught = nullptr;
    unsigned uncaught = 0;
  };

  static void enter();
  static void swap(Exceptions& with);

  std::function<void()> body_;
  void* stack_ = nullptr;
  std::jmp_buf inside_;
  std::jmp_buf outside_;
  Exceptions exceptions_;
  bool started_ = false;
  bool done_ = false;

  static inline Fiber* running_ = nullptr;
  static inline std::vector<void*> spare_stacks_;
};

}  // namespace simulation
