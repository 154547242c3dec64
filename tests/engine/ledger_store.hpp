#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/transactional_store.hpp>

namespace tidemark::test {

/// A store with transactions, in memory: results and offsets go in together, and every result that ever went in is kept.
class LedgerStore final : public testing::MemoryOffsetStore {
 public:
  class Transaction {
   public:
    Transaction(LedgerStore& store, const GroupSession& session, std::span<const OffsetRange> ranges)
        : store_{store}, group_{session.group}, ranges_{ranges.begin(), ranges.end()} {}

    void add(const TopicPartition& partition, std::int64_t offset) { results_.push_back({partition, offset}); }

    std::optional<Conflict> commit() { return store_.apply({group_}, ranges_, results_); }

   private:
    friend class LedgerStore;
    LedgerStore& store_;
    std::string group_;
    std::vector<OffsetRange> ranges_;
    std::vector<std::pair<TopicPartition, std::int64_t>> results_;
  };

  Transaction begin(const GroupSession& session, std::span<const OffsetRange> ranges) {
    return {*this, session, ranges};
  }

  /// The next so many commits fail, before anything is done or after everything is.
  void fail(int times, bool after_the_deed) {
    failures_ = times;
    after_the_deed_ = after_the_deed;
  }

  std::vector<std::int64_t> results(const TopicPartition& partition) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::int64_t> all;
    for (const auto& [of, offset] : results_)
      if (of == partition) all.push_back(offset);
    return all;
  }

 private:
  using Results = std::vector<std::pair<TopicPartition, std::int64_t>>;

  std::optional<Conflict> apply(const GroupSession& session, std::span<const OffsetRange> ranges,
                                const Results& results) {
    const std::lock_guard lock{mutex_};
    const bool fails = failures_ > 0 && failures_-- > 0;
    if (fails && !after_the_deed_) throw StoreError{"the ledger is locked", StoreError::Retry::yes};
    std::vector<TopicPartition> partitions;
    for (const auto& range : ranges) partitions.push_back(range.partition);
    const auto stored = load(session, partitions);
    std::size_t done = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i) done += stored[i] == ranges[i].until ? 1 : 0;
    if (done == ranges.size()) return std::nullopt;  // applied before
    if (done > 0) {
      for (std::size_t i = 0; i < ranges.size(); ++i)
        if (stored[i] == ranges[i].until) return Conflict{ranges[i].partition, stored[i]};
    }
    if (const auto conflict = MemoryOffsetStore::commit(session, ranges)) return conflict;
    results_.insert(results_.end(), results.begin(), results.end());
    if (fails) throw StoreError{"the acknowledgement was lost", StoreError::Retry::yes};
    return std::nullopt;
  }

  mutable std::mutex mutex_;
  Results results_;
  std::atomic<int> failures_ = 0;
  std::atomic<bool> after_the_deed_ = false;
};

static_assert(TransactionalStore<LedgerStore>);

}  // namespace tidemark::test
