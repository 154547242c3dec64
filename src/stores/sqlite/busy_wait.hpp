#pragma once

#include <sqlite3.h>

#include <chrono>

#include "stores/common/deadline.hpp"

namespace tidemark::detail {

/// How a connection waits for other processes' locks. SQLite's own way sleeps for up to 100 ms between two looks, longer each time: of
/// several processes that commit one after the other, those that wait longest look least often, and starve. This one looks again after
/// short random times, so that each has the same chance.
///
/// Thread safety: as the connection.
/// Lifetime:      must outlive the connection's use.
class BusyWait {
 public:
  explicit BusyWait(std::chrono::milliseconds longest) : longest_{longest} {}

  /// In place of SQLite's time-out.
  void install(sqlite3* database) { sqlite3_busy_handler(database, &BusyWait::on_busy, this); }

  /// Before a lock is asked for: while others were met lately, those who wait for it already get the same chance as we, who may have had it
  /// until now.
  void give_way() const;

  /// Sleeps a little. False where the wait is to end.
  bool pause(stores::Deadline deadline) const;

 private:
  static int on_busy(void* self, int looks) noexcept;

  std::chrono::milliseconds longest_;
  std::chrono::steady_clock::time_point crowded_until_{};
  stores::Deadline deadline_{std::chrono::milliseconds{0}};  // of the wait that goes on
};

}  // namespace tidemark::detail
