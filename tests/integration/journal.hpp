#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tidemark/batch.hpp>
#include <tidemark/observer.hpp>

namespace tidemark::test {

inline std::string text_of(const TopicPartition& partition) {
  return fmt::format("{}[{}]", partition.topic, partition.partition);
}

inline std::string text_of(std::span<const OffsetRange> ranges) {
  std::string text;
  for (const auto& range : ranges) text += fmt::format(" {}:{}..{}", text_of(range.partition), range.from, range.until);
  return text;
}

/// A record that a handler was done with, copied.
struct Handled {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<std::chrono::system_clock::time_point> timestamp;
  int ownership = 0;  ///< Counts the assignments of the partition to this consumer.
};

/// Everything that happened in one consumer: what its handler did, and what its observer heard.
///
/// Thread safety: shared objects safe.
class Journal final : public Observer {
 public:
  void on_handled(const Batch<>& batch) {
    const std::lock_guard lock{mutex_};
    for (const auto& record : batch) {
      const TopicPartition partition{record.topic(), record.partition()};
      auto& handled = handled_.emplace_back(Handled{partition,
                                                    record.offset(),
                                                    copy(record.key()),
                                                    copy(record.value()),
                                                    {},
                                                    record.timestamp(),
                                                    ownerships_[partition]});
      for (const auto& header : record.headers()) handled.headers.emplace_back(header.name, copy(header.value));
    }
    batches_.emplace_back(batch.ranges().begin(), batch.ranges().end());
    note(fmt::format("handled {} records,{}", batch.size(), text_of(batch.ranges())));
  }

  void note(const std::string& line) {
    const auto now = std::chrono::steady_clock::now() - began_;
    const std::lock_guard lock{mutex_};
    lines_.push_back(
        fmt::format("{:>6} ms  {}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), line));
  }

  void on_commit(const CommitEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    commits_.insert(commits_.end(), event.ranges.begin(), event.ranges.end());
    note(fmt::format("committed{}", text_of(event.ranges)));
  }
  void on_retry(const RetryEvent& event) noexcept override {
    note(fmt::format("retry after attempt {},{}", event.attempt, text_of(event.ranges)));
  }
  void on_handler_timeout(const HandlerTimeoutEvent& event) noexcept override {
    note(fmt::format("{} by the handler,{}", event.given_up ? "given up" : "too long", text_of(event.ranges)));
  }
  void on_conflict(const ConflictEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    conflicts_.push_back(event);
    note(fmt::format("conflict: {} stored, refused{}", event.conflict.stored.value_or(-1),
                     text_of({&event.refused, 1})));
  }
  void on_rebalance(const RebalanceEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    std::string partitions;
    for (const auto& partition : event.partitions) {
      partitions += ' ' + text_of(partition);
      if (event.kind == RebalanceEvent::Kind::assigned) ++ownerships_[partition];
    }
    rebalances_.push_back(event.kind);
    note(kind_name(event.kind) + partitions);
  }
  void on_out_of_range(const OutOfRangeEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    out_of_range_.push_back(event);
    note(fmt::format("out of range: {} at {}, Kafka has {} to {}", text_of(event.partition), event.requested,
                     event.earliest, event.end));
  }
  void on_stall(const StallEvent& event) noexcept override {
    note(fmt::format("stall of {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(event.waited).count()));
  }
  void on_unreadable(const UnreadableEvent& event) noexcept override {
    note(fmt::format("unreadable: {} at {}: {}", text_of(event.partition), event.offset, event.why));
  }
  void on_gap(const GapEvent& event) noexcept override {
    note(fmt::format("gap of {} offsets, first{}", event.offsets, text_of({&event.first, 1})));
  }
  void on_lag(std::span<const PartitionProgress> progress) noexcept override {
    const std::lock_guard lock{mutex_};
    lag_.assign(progress.begin(), progress.end());
  }
  void on_error(std::string_view text) noexcept override { note(fmt::format("error: {}", text)); }
  void on_log(LogLevel, std::string_view text) noexcept override { note(fmt::format("log: {}", text)); }

  std::vector<Handled> handled() const { return locked(handled_); }
  std::vector<OffsetRange> commits() const { return locked(commits_); }
  std::vector<ConflictEvent> conflicts() const { return locked(conflicts_); }
  std::vector<OutOfRangeEvent> out_of_range() const { return locked(out_of_range_); }
  std::vector<PartitionProgress> last_lag() const { return locked(lag_); }
  std::vector<std::vector<OffsetRange>> batches() const { return locked(batches_); }

  std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return handled_.size();
  }
  std::size_t count(RebalanceEvent::Kind kind) const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(std::ranges::count(rebalances_, kind));
  }
  /// In the order handled.
  std::vector<std::int64_t> offsets(const TopicPartition& partition) const {
    std::vector<std::int64_t> offsets;
    for (const auto& record : handled())
      if (record.partition == partition) offsets.push_back(record.offset);
    return offsets;
  }
  std::size_t count_lines_with(std::string_view part) const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::ranges::count_if(lines_, [&](const auto& line) { return line.find(part) != std::string::npos; }));
  }
  bool has_line_with(std::string_view part) const { return count_lines_with(part) > 0; }

  /// What to print when a test fails.
  std::string text() const {
    const std::lock_guard lock{mutex_};
    constexpr std::size_t enough = 200;
    std::string text = lines_.size() > enough ? fmt::format("({} lines before)\n", lines_.size() - enough) : "";
    for (auto i = lines_.size() > enough ? lines_.size() - enough : 0; i < lines_.size(); ++i) text += lines_[i] + '\n';
    return text;
  }

 private:
  static std::optional<std::string> copy(const Bytes& bytes) {
    if (bytes.is_null()) return std::nullopt;
    return std::string{bytes.text()};
  }
  static std::string kind_name(RebalanceEvent::Kind kind) {
    switch (kind) {
      case RebalanceEvent::Kind::assigned:
        return "assigned";
      case RebalanceEvent::Kind::revoked:
        return "revoked";
      case RebalanceEvent::Kind::lost:
        break;
    }
    return "lost";
  }
  template <class T>
  std::vector<T> locked(const std::vector<T>& values) const {
    const std::lock_guard lock{mutex_};
    return values;
  }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  mutable std::recursive_mutex mutex_;
  std::vector<Handled> handled_;
  std::vector<std::vector<OffsetRange>> batches_;
  std::vector<OffsetRange> commits_;
  std::vector<ConflictEvent> conflicts_;
  std::vector<RebalanceEvent::Kind> rebalances_;
  std::vector<OutOfRangeEvent> out_of_range_;
  std::vector<PartitionProgress> lag_;
  std::vector<std::string> lines_;
  std::map<TopicPartition, int> ownerships_;
};

/// What two consumers have handled of a partition between them, in the order of the offsets.
inline std::vector<std::int64_t> offsets_of_both(const Journal& one, const Journal& other,
                                                 const TopicPartition& partition) {
  auto offsets = one.offsets(partition);
  const auto rest = other.offsets(partition);
  offsets.insert(offsets.end(), rest.begin(), rest.end());
  std::ranges::sort(offsets);
  return offsets;
}

}  // namespace tidemark::test
