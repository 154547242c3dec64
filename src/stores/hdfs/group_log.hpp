#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>

#include "stores/common/group_commit.hpp"
#include "stores/common/proposal.hpp"
#include "stores/hdfs/checkpoint.hpp"

namespace tidemark::hdfs {

using Proposal = stores::Proposal<OffsetTable>;

/// One group's offsets. Callers that meet become one batch.
///
/// Thread safety: shared objects safe.
/// Errors:        StoreError. A change's outcome is then unknown.
class GroupLog final : stores::GroupCommit<std::function<bool(Proposal&)>>::Work {
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
  void change(const Change& change) { commits_.run(change, *this); }

 private:
  std::optional<StoreError> store(std::span<const Change* const> changes) noexcept override;
  bool try_store(std::span<const Change* const> changes);
  void give_way();

  Checkpoint checkpoint_;
  const std::string folder_;
  const Limits limits_;
  stores::GroupCommit<Change> commits_;

  // The leader's alone.
  std::optional<Snapshot> known_;  // others may have gone on since
  std::chrono::steady_clock::time_point crowded_until_{};
  std::chrono::steady_clock::time_point last_stored_{};
  std::chrono::steady_clock::duration last_took_{};
};

}  // namespace tidemark::hdfs
