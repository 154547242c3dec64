#pragma once

#include <vector>

#include <tidemark/progress.hpp>

#include "engine/published_progress.hpp"
#include "kafka/client.hpp"

namespace tidemark::engine {

inline std::vector<PartitionProgress> progress_report(const PublishedProgress& published, const kafka::Client& client) {
  std::vector<PartitionProgress> report;
  for (const auto& [partition, next] : published.snapshot())
    report.push_back({partition, next, client.end_of(partition)});
  return report;
}

}  // namespace tidemark::engine
