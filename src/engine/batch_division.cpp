#include "engine/batch_division.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/invariant.hpp"

namespace tidemark::engine {
namespace {

/// Of one partition.
struct Share {
  bool is_in_front = false;
  std::optional<std::int64_t> first_behind;
};

std::map<TopicPartition, Share> shares_of(const BatchInHand& front, const BatchInHand& behind) {
  std::map<const detail::RecordPartition*, Share> found;
  for (const auto& record : front.records()) found[record.partition].is_in_front = true;
  for (const auto& record : behind.records())
    if (auto& first = found[record.partition].first_behind; !first) first = record.offset;
  std::map<TopicPartition, Share> shares;
  for (const auto& [partition, share] : found) shares[partition->name] = share;
  return shares;
}

}  // namespace

BatchInHand divide(BatchInHand& batch, std::size_t records, core::Progress& progress) {
  auto front = batch.take_front(records);
  const auto shares = shares_of(front, batch);
  std::vector<core::Claim> claims_in_front;
  std::vector<core::Claim> claims_behind;
  for (const auto& claim : batch.claims()) {
    const auto share = shares.find(claim.range.partition);
    if (share == shares.end() || !share->second.is_in_front) {
      claims_behind.push_back(claim);
    } else if (!share->second.first_behind) {
      claims_in_front.push_back(claim);
    } else {
      auto [first, second] = progress.divide(claim, *share->second.first_behind);
      claims_in_front.push_back(std::move(first));
      claims_behind.push_back(std::move(second));
    }
  }
  front.set_claims(std::move(claims_in_front));
  batch.set_claims(std::move(claims_behind));
  TIDEMARK_INVARIANT(19, front.is_covered() && batch.is_covered());
  return front;
}

}  // namespace tidemark::engine
