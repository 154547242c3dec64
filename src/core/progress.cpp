#include "core/progress.hpp"

#include <utility>

#include "core/invariant.hpp"

namespace tidemark::core {

void Progress::own(const TopicPartition& partition, std::int64_t stored, std::int64_t next) {
  TIDEMARK_EXPECTS(stored >= 0 && next >= 0);
  auto& cursor = cursors_[partition];
  const auto skipped = cursor.all_skipped_;
  cursor = {};
  cursor.all_skipped_ = skipped;
  cursor.partition_ = partition;
  cursor.ownership_ = ++ownerships_;
  cursor.committed_ = stored;
  cursor.handed_ = stored;
  cursor.next_ = next;
  cursor.open_ = true;
}

Progress::Cursor* Progress::find(const TopicPartition& partition) {
  const auto found = cursors_.find(partition);
  return found == cursors_.end() ? nullptr : &found->second;
}

std::vector<Claim> Progress::cut() {
  std::vector<Claim> claims;
  gaps_.clear();
  for (auto& [partition, cursor] : cursors_) {
    if (cursor.next_ == cursor.handed_) continue;
    TIDEMARK_INVARIANT(3, !cursor.parked_ && !cursor.leaving_);
    claims.push_back({{partition, cursor.handed_, cursor.next_}, cursor.ownership_});
    if (const auto skipped = std::exchange(cursor.skipped_, 0); skipped > 0) {
      TIDEMARK_INVARIANT(36, cursor.first_gap_.second <= cursor.next_);
      TIDEMARK_INVARIANT(36, cursor.first_gap_.second - cursor.first_gap_.first <= skipped);
      cursor.all_skipped_ += skipped;
      gaps_.push_back({partition, cursor.first_gap_.first, cursor.first_gap_.second, skipped, cursor.all_skipped_});
    }
    cursor.handed_ = cursor.next_;
    ++cursor.in_flight_;
  }
  return claims;
}

const Progress::Cursor* Progress::of(const Claim& claim) const {
  const auto found = cursors_.find(claim.range.partition);
  return found != cursors_.end() && found->second.ownership_ == claim.ownership ? &found->second : nullptr;
}

std::vector<Claim> Progress::valid(std::span<const Claim> claims) const {
  std::vector<Claim> still;
  for (const auto& claim : claims)
    if (const auto* cursor = of(claim); cursor != nullptr && !cursor->parked_) still.push_back(claim);
  return still;
}

std::pair<Claim, Claim> Progress::divide(const Claim& claim, std::int64_t at) {
  TIDEMARK_INVARIANT(19, claim.range.from < at && at < claim.range.until);
  if (of(claim) != nullptr) find(claim.range.partition)->in_flight_ += claim.batches;
  auto halves = std::pair{claim, claim};
  halves.first.range.until = at;
  halves.second.range.from = at;
  return halves;
}

std::vector<TopicPartition> Progress::settle(std::span<const Claim> claims) { return land(claims, true); }

std::vector<TopicPartition> Progress::drop(std::span<const Claim> claims) { return land(claims, false); }

std::vector<TopicPartition> Progress::land(std::span<const Claim> claims, bool committed) {
  std::vector<TopicPartition> gone;
  for (const auto& claim : claims) {
    if (of(claim) == nullptr) continue;
    const auto found = cursors_.find(claim.range.partition);
    auto& cursor = found->second;
    // What is committed goes on where the last commit ended: a part that was left out, or overtaken, would be a hole.
    TIDEMARK_INVARIANT(2, !committed || claim.range.from == cursor.committed_);
    TIDEMARK_INVARIANT(13, !committed || !cursor.parked_);
    TIDEMARK_EXPECTS(claim.batches > 0 && claim.batches <= cursor.in_flight_);
    if (committed) cursor.committed_ = claim.range.until;
    cursor.in_flight_ -= claim.batches;
    if (!cursor.leaving_ || cursor.in_flight_ > 0) continue;
    gone.push_back(claim.range.partition);
    cursors_.erase(found);
  }
  return gone;
}

bool Progress::close(const TopicPartition& partition) {
  const auto found = cursors_.find(partition);
  if (found == cursors_.end()) return true;
  undo(found->second);
  found->second.leaving_ = true;
  if (found->second.in_flight_ > 0) return false;
  TIDEMARK_INVARIANT(8, found->second.is_settled());
  cursors_.erase(found);
  return true;
}

void Progress::forget(const TopicPartition& partition) { cursors_.erase(partition); }

void Progress::park(const TopicPartition& partition) {
  auto* cursor = find(partition);
  if (cursor == nullptr) return;
  undo(*cursor);
  cursor->parked_ = true;
}

void Progress::undo(Cursor& cursor) {
  cursor.open_ = false;
  cursor.next_ = cursor.handed_;
  cursor.skipped_ = 0;
  TIDEMARK_ENSURES(!cursor.steps_back());
}

std::vector<Claim> Progress::leaving(std::span<const Claim> claims) const {
  std::vector<Claim> leaving;
  for (const auto& claim : claims)
    if (const auto* cursor = of(claim); cursor != nullptr && cursor->leaving_) leaving.push_back(claim);
  return leaving;
}

std::vector<Claim> Progress::resting() const {
  std::vector<Claim> resting;
  for (const auto& [partition, cursor] : cursors_)
    if (cursor.open_ && cursor.in_flight_ == 0)
      resting.push_back({{partition, cursor.committed_, cursor.committed_}, cursor.ownership_});
  return resting;
}

std::vector<Claim> Progress::still_resting(std::span<const Claim> claims) const {
  std::vector<Claim> still;
  for (const auto& claim : claims)
    if (const auto* cursor = of(claim);
        cursor != nullptr && cursor->open_ && cursor->in_flight_ == 0 && cursor->committed_ == claim.range.from)
      still.push_back(claim);
  return still;
}

std::vector<PartitionStart> Progress::positions() const {
  std::vector<PartitionStart> positions;
  for (const auto& [partition, cursor] : cursors_) positions.push_back({partition, cursor.committed_, cursor.next_});
  return positions;
}

}  // namespace tidemark::core
