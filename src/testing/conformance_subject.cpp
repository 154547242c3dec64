#include "testing/conformance_subject.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "testing/conformance_failure.hpp"

namespace tidemark::testing {

namespace {

constexpr std::int32_t usual_partitions = 8;

std::string text_of_list(const std::vector<StoredOffset>& offsets) {
  std::string out;
  for (const auto& offset : offsets) out += fmt::format(" {} = {};", text_of(offset.partition), offset.next);
  return out.empty() ? " nothing" : out;
}

}  // namespace

ConformanceSubject::ConformanceSubject(const StoreUnderTest& store) : under_test_{store}, open_{store.storage()} {
  reopen();
}

void ConformanceSubject::reopen() {
  opened_.reset();
  opened_ = open_();
  if (!opened_) throw ConformanceFailure{"the function that opens the store returned nullptr"};
}

OffsetCatalog& ConformanceSubject::catalog() { return dynamic_cast<OffsetCatalog&>(*opened_); }

GroupSession ConformanceSubject::session(std::string_view group) const {
  return {group, under_test_.consumer ? under_test_.consumer(group) : nullptr};
}

void ConformanceSubject::announce(const TopicPartition& partition) {
  if (!under_test_.make_topic) return;
  auto& known = announced_[partition.topic];
  if (partition.partition < known) return;
  known = std::max(usual_partitions, partition.partition + 1);
  under_test_.make_topic(partition.topic, known);
}

ConformanceSubject::Offsets ConformanceSubject::load(const std::vector<TopicPartition>& partitions,
                                                     std::string_view group) {
  for (const auto& partition : partitions) announce(partition);
  auto offsets = opened_->load(session(group), partitions);
  if (offsets.size() != partitions.size())
    throw ConformanceFailure{
        fmt::format("load of {} partitions answered with {} offsets", partitions.size(), offsets.size())};
  return offsets;
}

std::optional<Conflict> ConformanceSubject::commit(const std::vector<OffsetRange>& ranges, std::string_view group) {
  for (const auto& range : ranges) announce(range.partition);
  return opened_->commit(session(group), ranges);
}

void ConformanceSubject::must_commit(const std::vector<OffsetRange>& ranges, std::string_view group) {
  if (const auto conflict = commit(ranges, group))
    throw ConformanceFailure{fmt::format("commit of {} was to go through, but returned a conflict: {} stands at {}",
                                         text_of(ranges), text_of(conflict->partition), text_of(conflict->stored))};
}

void ConformanceSubject::must_conflict(const std::vector<OffsetRange>& ranges, const Conflict& expected) {
  const auto conflict = commit(ranges);
  if (!conflict)
    throw ConformanceFailure{fmt::format("commit of {} was to be a conflict, as {} stands at {}, but went through",
                                         text_of(ranges), text_of(expected.partition), text_of(expected.stored))};
  if (*conflict != expected)
    throw ConformanceFailure{fmt::format("commit of {} was to report that {} stands at {}, but reported {} at {}",
                                         text_of(ranges), text_of(expected.partition), text_of(expected.stored),
                                         text_of(conflict->partition), text_of(conflict->stored))};
}

void ConformanceSubject::must_refuse(const std::vector<OffsetRange>& ranges) {
  try {
    commit(ranges);
  } catch (const std::exception&) {
    return;
  }
  throw ConformanceFailure{fmt::format("commit of {} was to throw, but returned", text_of(ranges))};
}

void ConformanceSubject::must_hold(const TopicPartition& partition, std::optional<std::int64_t> expected,
                                   std::string_view group) {
  const auto stored = load({partition}, group).front();
  if (stored != expected)
    throw ConformanceFailure{fmt::format("group {}: {} was to stand at {}, but load returned {}", printable(group),
                                         text_of(partition), text_of(expected), text_of(stored))};
}

void ConformanceSubject::must_list(const std::vector<StoredOffset>& expected, std::string_view group) {
  const auto listed = catalog().list(group);
  if (listed != expected)
    throw ConformanceFailure{fmt::format("list of group {} was to be{} but was{}", printable(group),
                                         text_of_list(expected), text_of_list(listed))};
}

void ConformanceSubject::must_name(const std::vector<std::string>& expected) {
  const auto text = [](const std::vector<std::string>& groups) {
    std::string all;
    for (const auto& group : groups) all += (all.empty() ? " " : ", ") + printable(group);
    return all.empty() ? " none" : all;
  };
  if (const auto named = catalog().groups(); named != expected)
    throw ConformanceFailure{fmt::format("groups() was to name{} but named{}", text(expected), text(named))};
}

}  // namespace tidemark::testing
