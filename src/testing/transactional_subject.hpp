#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/testing/transactional_conformance.hpp>

namespace tidemark::testing {

/// A store with transactions, opened on clean storage.
class TransactionalSubject {
 public:
  explicit TransactionalSubject(const std::function<detail::AnyTransactionalStorage()>& make);

  OffsetStore& store() { return *opened_; }
  GroupSession session() const { return {"billing"}; }
  void reopen();

  std::unique_ptr<detail::AnyTransaction> begin(std::span<const OffsetRange> ranges);

  // Each throws a ConformanceFailure that tells what was expected and what came.
  void must_store(const std::vector<OffsetRange>& ranges);
  /// One whole transaction that writes `value` under `key` and returns what its commit returned.
  std::optional<Conflict> apply(const std::vector<OffsetRange>& ranges, const std::string& key,
                                const std::string& value);
  void must_apply(const std::vector<OffsetRange>& ranges, const std::string& key, const std::string& value);
  void must_conflict(const std::vector<OffsetRange>& ranges, const std::string& key, const Conflict& expected);
  void must_read(const std::string& key, const std::optional<std::string>& expected);
  void must_hold(const TopicPartition& partition, std::optional<std::int64_t> expected);

 private:
  detail::AnyTransactionalStorage storage_;
  std::unique_ptr<OffsetStore> opened_;
};

}  // namespace tidemark::testing
