#include "core/claim.hpp"

#include <algorithm>

#include "core/invariant.hpp"

namespace tidemark::core {

std::vector<OffsetRange> ranges_of(std::span<const Claim> claims) {
  std::vector<OffsetRange> ranges;
  ranges.reserve(claims.size());
  for (const auto& claim : claims) ranges.push_back(claim.range);
  return ranges;
}

std::vector<TopicPartition> partitions_of(std::span<const Claim> claims) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(claims.size());
  for (const auto& claim : claims) partitions.push_back(claim.range.partition);
  return partitions;
}

void merge(std::vector<Claim>& claims, std::span<const Claim> later) {
  TIDEMARK_EXPECTS(std::ranges::is_sorted(claims, {}, partition_of));
  for (const auto& claim : later) {
    const auto earlier = std::ranges::lower_bound(claims, partition_of(claim), {}, partition_of);
    if (earlier == claims.end() || partition_of(*earlier) != partition_of(claim)) {
      claims.insert(earlier, claim);
    } else if (earlier->ownership != claim.ownership) {
      TIDEMARK_INVARIANT(3, earlier->ownership < claim.ownership);
      *earlier = claim;
    } else {
      TIDEMARK_INVARIANT(13, earlier->range.until == claim.range.from);
      earlier->range.until = claim.range.until;
      earlier->batches += claim.batches;
    }
  }
}

}  // namespace tidemark::core
