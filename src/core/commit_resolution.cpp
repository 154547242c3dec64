#include "core/commit_resolution.hpp"

#include <algorithm>

#include "core/invariant.hpp"

namespace tidemark::core {
namespace {

/// Whether the store holds the ends of these.
[[maybe_unused]] bool is_all_stored(std::span<const Claim> done, std::span<const Claim> claims,
                                    std::span<const std::optional<std::int64_t>> stored) {
  return std::ranges::all_of(done, [&](const Claim& claim) {
    const auto index = claim_on(claims, partition_of(claim)) - claims.begin();
    return stored[static_cast<std::size_t>(index)] == claim.range.until;
  });
}

}  // namespace

CommitResolution resolve_commit(std::span<const Claim> claims, std::span<const std::optional<std::int64_t>> stored) {
  TIDEMARK_EXPECTS(stored.size() == claims.size());
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
  TIDEMARK_ENSURES(resolution.done.size() + resolution.again.size() + resolution.conflicts.size() == claims.size());
  TIDEMARK_INVARIANT(12, is_all_stored(resolution.done, claims, stored));
  return resolution;
}

}  // namespace tidemark::core
