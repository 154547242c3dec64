#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/testing/transactional_conformance.hpp>

namespace tidemark::testing {

/// Mistakes that a store with transactions may make.
enum class Mistake {
  none,
  writes_at_once,
  keeps_results_of_conflicts,
  applies_twice,
  applies_in_part,
  forgets_results,
  forgets_when_closed,
  keeps_offsets_of_its_own,
  unlocked
};

/// What outlives the store that is open on it.
struct MemoryTables {
  std::mutex mutex;
  MemoryOffsetStore offsets;
  MemoryOffsetStore others;
  std::map<std::string, std::string> results;
};

/// Offsets and results in memory, applied together, with one mistake.
class TransactionalMemoryStore final : public OffsetStore {
 public:
  class Transaction {
   public:
    Transaction(TransactionalMemoryStore& store, const GroupSession& session, std::span<const OffsetRange> ranges)
        : store_{store}, group_{session.group}, ranges_(ranges.begin(), ranges.end()) {}

    void write(const std::string& key, const std::string& value) {
      writes_[key] = value;
      if (store_.mistake_ == Mistake::writes_at_once) apply();
    }
    std::optional<Conflict> commit() {
      std::unique_lock lock{store_.tables_->mutex, std::defer_lock};
      if (store_.mistake_ != Mistake::unlocked) lock.lock();
      return store_.commit_all(*this);
    }

   private:
    friend class TransactionalMemoryStore;
    void apply() {
      for (const auto& [key, value] : writes_) store_.tables_->results[key] = value;
    }

    TransactionalMemoryStore& store_;
    std::string group_;
    std::vector<OffsetRange> ranges_;
    std::map<std::string, std::string> writes_;
  };

  TransactionalMemoryStore(std::shared_ptr<MemoryTables> tables, Mistake mistake)
      : tables_{std::move(tables)}, mistake_{mistake} {}

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override {
    return tables_->offsets.load(session, partitions);
  }
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
    return tables_->offsets.commit(session, ranges);
  }
  Transaction begin(const GroupSession& session, std::span<const OffsetRange> ranges) {
    return {*this, session, ranges};
  }

 private:
  std::optional<Conflict> commit_all(Transaction& transaction) {
    const GroupSession session{transaction.group_};
    auto& offsets = mistake_ == Mistake::keeps_offsets_of_its_own ? tables_->others : tables_->offsets;
    std::vector<Conflict> done;
    for (const auto& range : transaction.ranges_)
      if (const auto next = offsets.load(session, {&range.partition, 1}).front();
          next == range.until && range.from != range.until)
        done.push_back({range.partition, next});
    if (done.size() == transaction.ranges_.size()) {
      if (mistake_ == Mistake::applies_twice) transaction.apply();
      return std::nullopt;
    }
    if (!done.empty() && mistake_ != Mistake::applies_in_part) return done.front();
    if (mistake_ == Mistake::unlocked) return commit_one_by_one(offsets, transaction);
    const auto conflict = offsets.commit(session, transaction.ranges_);
    const auto applies = mistake_ != Mistake::forgets_results;
    if (applies && (!conflict || mistake_ == Mistake::keeps_results_of_conflicts)) transaction.apply();
    return conflict;
  }

  /// Others see the first partition moved long before the last.
  static std::optional<Conflict> commit_one_by_one(MemoryOffsetStore& offsets, Transaction& transaction) {
    for (const auto& range : transaction.ranges_) {
      if (const auto conflict = offsets.commit({transaction.group_}, {&range, 1})) return conflict;
      std::this_thread::yield();
    }
    const std::lock_guard lock{transaction.store_.tables_->mutex};
    transaction.apply();
    return std::nullopt;
  }

  std::shared_ptr<MemoryTables> tables_;
  Mistake mistake_;
};

inline TransactionalStoreUnderTest<TransactionalMemoryStore> memory_transactions(Mistake mistake = Mistake::none) {
  return {
      .storage =
          [mistake] {
            auto tables = std::make_shared<std::shared_ptr<MemoryTables>>(std::make_shared<MemoryTables>());
            return TransactionalStorage<TransactionalMemoryStore>{
                .open =
                    [tables, mistake] {
                      if (mistake == Mistake::forgets_when_closed) *tables = std::make_shared<MemoryTables>();
                      return std::make_unique<TransactionalMemoryStore>(*tables, mistake);
                    },
                .write = [](auto& transaction, const auto& key, const auto& value) { transaction.write(key, value); },
                .read = [tables](const std::string& key) -> std::optional<std::string> {
                  const auto result = (*tables)->results.find(key);
                  if (result == (*tables)->results.end()) return std::nullopt;
                  return result->second;
                }};
          },
      .survives_processes = false};
}

}  // namespace tidemark::testing
