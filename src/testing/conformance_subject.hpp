#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/testing/conformance.hpp>

namespace tidemark::testing {

inline constexpr std::string_view kit_group = "billing";

/// A store opened on clean storage, and what a check says about it.
class ConformanceSubject {
 public:
  using Offsets = std::vector<std::optional<std::int64_t>>;

  explicit ConformanceSubject(const StoreUnderTest& store);

  /// Closes the store and opens it again on the same storage.
  void reopen();
  /// One more store on the same storage.
  std::unique_ptr<OffsetStore> open_another() const { return open_(); }
  OffsetStore& store() { return *opened_; }
  OffsetCatalog& catalog();
  GroupSession session(std::string_view group = kit_group) const;
  void announce(const TopicPartition& partition);

  Offsets load(const std::vector<TopicPartition>& partitions, std::string_view group = kit_group);
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges, std::string_view group = kit_group);

  // Each throws a ConformanceFailure that tells what was expected and what came.
  void must_commit(const std::vector<OffsetRange>& ranges, std::string_view group = kit_group);
  void must_conflict(const std::vector<OffsetRange>& ranges, const Conflict& expected);
  void must_refuse(const std::vector<OffsetRange>& ranges);
  void must_hold(const TopicPartition& partition, std::optional<std::int64_t> expected,
                 std::string_view group = kit_group);
  /// The groups of the catalog.
  void must_name(const std::vector<std::string>& expected);
  void must_list(const std::vector<StoredOffset>& expected, std::string_view group = kit_group);

 private:
  StoreUnderTest under_test_;
  OpenStore open_;
  std::unique_ptr<OffsetStore> opened_;
  std::map<std::string, std::int32_t> announced_;
};

/// For the texts of failures: unprintable bytes are escaped and what is very long is cut.
std::string printable(std::string_view text);
std::string text_of(const TopicPartition& partition);
std::string text_of(const std::optional<std::int64_t>& offset);
std::string text_of(const std::vector<OffsetRange>& ranges);

}  // namespace tidemark::testing
