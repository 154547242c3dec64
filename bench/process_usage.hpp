#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tidemark::bench {

/// What all threads of a process have used so far.
struct ProcessUsage {
  double cpu_seconds = 0;
  std::uint64_t wakeups = 0;  ///< Voluntary context switches: a thread went to sleep, to be woken.
};

ProcessUsage usage_of(pid_t pid);

}  // namespace tidemark::bench
