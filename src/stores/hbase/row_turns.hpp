#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "stores/hbase/known_row.hpp"

namespace tidemark::detail {

/// Lets one thread at a time change a row, and keeps what it knows of it for the next one: threads of one process would only make each
/// other's comparisons fail.
///
/// Thread safety: shared objects safe.
class HBaseRowTurns {
  struct Row {
    bool is_taken = false;
    std::size_t waiting = 0;
    std::optional<HBaseKnownRow> known{};
  };

 public:
  /// The right to change a row, until it is destroyed.
  class Turn {
   public:
    Turn(HBaseRowTurns& turns, std::map<std::string, Row>::iterator row) : turns_{turns}, row_{row} {}
    ~Turn() { turns_.end(row_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    const std::string& key() const { return row_->first; }
    /// What was known after the last change; nullopt: nothing.
    std::optional<HBaseKnownRow>& known() { return row_->second.known; }

   private:
    HBaseRowTurns& turns_;
    std::map<std::string, Row>::iterator row_;
  };

  /// Errors: StoreError, retryable, where others have the row until `timeout` is over.
  Turn take(const std::string& key, std::chrono::milliseconds timeout);

 private:
  void end(std::map<std::string, Row>::iterator row) noexcept;

  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::string, Row> rows_;
};

}  // namespace tidemark::detail
