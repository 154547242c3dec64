#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::testing {

/// What goes wrong, and when.
struct Fault {
  enum class Call { load, commit };
  enum class Effect {
    fails,                 ///< Throws a StoreError, and nothing was done.
    loses_acknowledgement  ///< Does it, and then throws a StoreError: the outcome is unknown to the caller.
  };

  Call call = Call::commit;
  int nth = 1;  ///< 1 is the first call of that kind since the store was made.
  Effect effect = Effect::fails;
  StoreError::Retry retry = StoreError::Retry::yes;
  int times = 1;  ///< So many calls in a row, from the nth on.
};

/// A store that fails by script, in front of one that works.
///
///     FaultyOffsetStore store{inner, {{.nth = 2, .effect = Fault::Effect::loses_acknowledgement}}};
///
/// Thread safety: shared objects safe, if the inner store is.
/// Blocking:      as the inner store, and as told.
/// Lifetime:      the inner store must outlive it; release() what is blocked before it is destroyed.
class TIDEMARK_EXPORT FaultyOffsetStore final : public OffsetStore {
 public:
  explicit FaultyOffsetStore(OffsetStore& inner, std::vector<Fault> script = {});
  ~FaultyOffsetStore() override;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  /// One more fault, in calls that are still to come.
  void add(const Fault& fault);

  /// From now on each commit waits, before anything is done, until release().
  void block_commits();
  void release();
  /// Waits until so many commits wait; false where they don't within `timeout`.
  bool wait_until_blocked(std::size_t commits = 1, std::chrono::milliseconds timeout = std::chrono::seconds{30});

  /// Each call takes this much longer, to look like a distant store. Tests that can should block and release instead.
  void delay(std::chrono::milliseconds by);

  /// Calls so far, those that failed too.
  int loads() const;
  int commits() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::testing
