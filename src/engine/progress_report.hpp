#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <tidemark/progress.hpp>

#include "engine/published_progress.hpp"
#include "kafka/client.hpp"

namespace tidemark::engine {

inline std::vector<PartitionProgress> progress_report(const PublishedProgress& published, const kafka::Client& client) {
  std::vector<PartitionProgress> report;
  const auto now = std::chrono::steady_clock::now();
  const auto since = [&](auto then) { return std::chrono::duration_cast<std::chrono::milliseconds>(now - then); };
  for (const auto& [partition, entry] : published.snapshot()) {
    auto& line = report.emplace_back(PartitionProgress{partition, entry.next, client.end_of(partition)});
    // Librdkafka knows the log's end only. What cannot be read before a transaction ends is no lag.
    if (entry.end && line.end == entry.end->log_end) line.end = entry.end->readable_end;
    line.still_for = since(entry.moved);
    line.skipped = entry.skipped;
    line.is_parked = entry.is_parked;
    if (entry.handling_since) line.in_handler_for = since(*entry.handling_since);
  }
  return report;
}

}  // namespace tidemark::engine
