#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>

#include "stores/common/proposal.hpp"
#include "stores/hdfs/checkpoint.hpp"

namespace tidemark::hdfs {

using Proposal = stores::Proposal<OffsetTable>;

/// One group's offsets. Callers that meet become one batch: the first of them leads, takes the others' changes along, and tells them.
///
/// Thread safety: shared objects safe.
/// Errors:        StoreError. A change's outcome is then unknown.
class GroupLog {
 public:
  struct Limits {
    std::size_t keep_batches;
    std::chrono::milliseconds contention_timeout;
  };

  /// What to do to a proposal. False where it was refused. Called again, anew, when others were first.
  using Change = std::function<bool(Proposal&)>;

  GroupLog(Files& files, std::string folder, Limits limits)
      : checkpoint_{files, folder, limits.keep_batches}, folder_{std::move(folder)}, limits_{limits} {}

  /// For one who goes on from it: makes up for a writer that died.
  OffsetTable load();
  /// Changes nothing.
  OffsetTable look() { return checkpoint_.read().table; }

  /// Returns when the change is stored, or was refused by what is stored now.
  void change(const Change& change);

 private:
  struct Caller {
    const Change& change;
    bool is_done = false;
    std::optional<StoreError> failure{};
  };

  void lead(std::unique_lock<std::mutex>& lock);
  std::optional<StoreError> store(std::span<Caller* const> callers);
  bool try_store(std::span<Caller* const> callers);

  Checkpoint checkpoint_;
  const std::string folder_;
  const Limits limits_;

  void give_way();

  // The leader's alone.
  std::optional<Snapshot> known_;  // others may have gone on since
  std::chrono::steady_clock::time_point crowded_until_{};
  std::chrono::steady_clock::time_point last_stored_{};
  std::chrono::steady_clock::duration last_took_{};

  std::mutex mutex_;
  std::condition_variable turned_;
  std::vector<Caller*> waiting_;
  bool is_led_ = false;
};

}  // namespace tidemark::hdfs
