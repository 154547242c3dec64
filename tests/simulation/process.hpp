#pragma once

#include <chrono>
#include <functional>
#include <vector>

namespace simulation {

class Thread;

/// What is frozen or dies as a whole. A dead one goes on until its threads have ended, but nobody notices any more: so the memory
/// of a process that was killed in the middle of anything comes back.
struct Process {
  int number = 0;
  bool is_frozen = false;
  bool is_dead = false;
  std::chrono::nanoseconds wall_offset{0};      // how far its wall clock is ahead of where it was
  std::vector<Thread*> held;                    // ready to run, were it not frozen
  std::vector<std::function<void()>> deferred;  // what was to happen in it meanwhile
};

}  // namespace simulation
