#pragma once

#include <functional>
#include <list>
#include <span>

#include <tidemark/export.hpp>

namespace tidemark::detail {

/// While one lives, the first SIGINT or SIGTERM of the process calls `on_signal` of each that lives, on a thread of its own.
///
/// Thread safety: several may live at once, in several threads. `on_signal` must not throw, and not end the watch.
/// Errors:        the constructor throws std::system_error.
class TIDEMARK_EXPORT SignalWatch {
 public:
  explicit SignalWatch(std::function<void()> on_signal);
  ~SignalWatch();

  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::list<std::function<void()>>::iterator entry_;
};

/// Something that runs until it is stopped.
struct Runner {
  std::function<void()> run;
  std::function<void()> stop;
};

/// Runs all at once, a thread each. When one throws, the others are stopped; throws that, once all have ended.
TIDEMARK_EXPORT void run_together(std::span<const Runner> runners);

}  // namespace tidemark::detail
