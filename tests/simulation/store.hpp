#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/dead_letter.hpp>
#include <tidemark/detail/batch_view.hpp>
#include <tidemark/offset_store.hpp>

#include "checker.hpp"
#include "plan.hpp"
#include "run.hpp"
#include "scheduler.hpp"

namespace simulation {

/// A store as its contract allows: late, failing, and failing after having done what was asked.
class Store final : public tidemark::OffsetStore {
 public:
  using Stored = std::map<tidemark::TopicPartition, std::int64_t>;
  using Ranges = std::span<const tidemark::OffsetRange>;

  Store(const Plan& plan, Scheduler& scheduler, Checker& checker, Stored& stored)
      : plan_{plan}, scheduler_{scheduler}, checker_{checker}, stored_{stored} {}

  std::vector<std::optional<std::int64_t>> load(const tidemark::GroupSession& session,
                                                std::span<const tidemark::TopicPartition> partitions) override;
  std::optional<tidemark::Conflict> commit(const tidemark::GroupSession& session, Ranges ranges) override;
  /// Results and offsets together.
  std::optional<tidemark::Conflict> transact(const tidemark::GroupSession& session,
                                             const tidemark::detail::BatchView& batch);

  /// What becomes of dead letters.
  void keep(std::span<const tidemark::DeadLetter> letters);

  // ---- how it behaves, until told otherwise

  struct Mood {
    std::size_t fails_one_in = 0;        ///< Before anything was done.
    std::size_t fails_after_one_in = 0;  ///< After it was done.
    bool is_final = false;               ///< These are errors that trying again does not help.
    Time more_latency{0};
  };
  void set_mood(const Mood& mood) { mood_ = mood; }
  std::size_t failures() const { return failures_; }

 private:
  struct Call;

  /// Makes the caller wait, and does it meanwhile; may throw instead, or as well.
  void call(Run& run, std::function<void()> apply);
  Run& run_of_caller();

  const Plan& plan_;
  Scheduler& scheduler_;
  Checker& checker_;
  Stored& stored_;
  Mood mood_;
  std::size_t failures_ = 0;
};

}  // namespace simulation
