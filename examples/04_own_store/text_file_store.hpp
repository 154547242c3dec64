#pragma once

#include <mutex>

#include <tidemark/error.hpp>
#include <tidemark/offset_store.hpp>

#include "offset_file.hpp"

/// The two functions that make a store, over a text file.
class TextFileStore final : public tidemark::OffsetStore {
 public:
  explicit TextFileStore(const std::filesystem::path& path) : file_{path} {}

  std::vector<std::optional<std::int64_t>> load(const tidemark::GroupSession& session,
                                                std::span<const tidemark::TopicPartition> partitions) override {
    const std::lock_guard lock{mutex_};
    const auto offsets = file_.read();
    std::vector<std::optional<std::int64_t>> next;
    for (const auto& [topic, partition] : partitions) {
      const auto stored = offsets.find({std::string{session.group}, topic, partition});
      next.push_back(stored == offsets.end() ? std::nullopt : std::optional{stored->second});  // absent is not 0
    }
    return next;
  }

  std::optional<tidemark::Conflict> commit(const tidemark::GroupSession& session,
                                           std::span<const tidemark::OffsetRange> ranges) override {
    const std::lock_guard lock{mutex_};  // several workers commit at once, and this compares before it sets
    auto offsets = file_.read();
    for (const auto& range : ranges) {
      if (range.from < 0 || range.until < 0)
        throw tidemark::StoreError{"offsets begin at 0", tidemark::StoreError::Retry::no};
      const auto& [topic, partition] = range.partition;
      const auto [stored, is_new] = offsets.try_emplace({std::string{session.group}, topic, partition}, range.until);
      if (is_new || stored->second == range.until) continue;  // the first commit, or one that is repeated
      if (stored->second != range.from)
        return tidemark::Conflict{range.partition, stored->second};  // nothing is written
      stored->second = range.until;
    }
    file_.write(offsets);  // all ranges, or none
    return std::nullopt;
  }

 private:
  std::mutex mutex_;
  OffsetFile file_;
};
