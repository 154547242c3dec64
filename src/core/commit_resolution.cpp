#include "core/commit_resolution.hpp"

namespace tidemark::core {

CommitResolution resolve_commit(std::span<const Claim> claims, std::span<const std::optional<std::int64_t>> stored) {
  CommitResolution resolution;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto& range = claims[i].range;
    if (stored[i] == range.until)
      resolution.done.push_back(claims[i]);
    else if (!stored[i] || stored[i] == range.from)
      resolution.again.push_back(claims[i]);
    else
      resolution.conflicts.push_back({range.partition, stored[i]});
  }
  return resolution;
}

}  // namespace tidemark::core
