#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tidemark/offset_range.hpp>

namespace tidemark::core {

/// A range that a batch covers, and the ownership it was read under. Only while that lasts may it be committed.
struct Claim {
  OffsetRange range;
  std::uint64_t ownership = 0;
  std::size_t batches = 1;  ///< How many batches it covers, once merged.

  bool operator==(const Claim&) const = default;
};

inline const TopicPartition& partition_of(const Claim& claim) { return claim.range.partition; }
inline auto claim_on(std::span<const Claim> claims, const TopicPartition& partition) {
  return std::ranges::find(claims, partition, partition_of);
}
std::vector<OffsetRange> ranges_of(std::span<const Claim> claims);
std::vector<TopicPartition> partitions_of(std::span<const Claim> claims);

/// Adds the claims of a later batch, so that each partition still has one. One of an older ownership gives way: it is void. `claims` is in
/// the order of the partitions, and stays so.
void merge(std::vector<Claim>& claims, std::span<const Claim> later);

}  // namespace tidemark::core
