#pragma once

#include <functional>
#include <vector>

#include <tidemark/offset_store.hpp>

#include "testing/contest.hpp"

namespace tidemark::testing {

/// A range that a committer was told it moved, or, where the outcome is unknown to it, may have moved.
struct Win {
  std::int64_t from = 0;
  std::int64_t until = 0;
  bool certain = true;
};

/// Committers that all try to move the same partitions on, each to offsets of its own, so that every range has one winner at most.
class CommitRace {
 public:
  using Commit = std::function<std::optional<Conflict>(std::span<const OffsetRange>)>;

  /// `partitions` move together, from 0 to `steps` steps further.
  CommitRace(std::vector<TopicPartition> partitions, std::int64_t steps);

  /// Stores the start position.
  void prepare(OffsetStore& store, const GroupSession& session) const;

  /// Takes part until the goal is reached. Errors that are retryable are put up with, as the engine does. Before each commit it
  /// waits for the others by `meet`, so that all want to move the same range.
  std::vector<Win> run(OffsetStore& store, const GroupSession& session, int committer, const Meet& meet,
                       const Commit& commit) const;
  std::vector<Win> run(OffsetStore& store, const GroupSession& session, int committer, const Meet& meet) const;

  /// Throws a ConformanceFailure unless the wins form one unbroken chain up to what is stored.
  void judge(const std::vector<Win>& wins, OffsetStore& store, const GroupSession& session) const;

 private:
  std::vector<TopicPartition> partitions_;
  std::int64_t goal_;
};

}  // namespace tidemark::testing
