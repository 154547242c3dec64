// What becomes of the partitions of a BatchReader, and of claims on them.
#include <algorithm>
#include <chrono>
#include <utility>

#include "core/invariant.hpp"
#include "engine/batch_division.hpp"
#include "engine/batch_reader.hpp"
#include "engine/batch_reader_visit.hpp"

namespace tidemark::engine {

void BatchReader::own(const core::PartitionStart& start) {
  const Visit visit{*this};
  forget_slots();
  undo(start.partition);
  fetched_.remove(start.partition);
  TIDEMARK_INVARIANT(5, !fetched_.has(start.partition));
  progress_.own(start.partition, start.stored, start.next);
  forward(start.partition);
  stop_at_truncation(start);
  TIDEMARK_ENSURES(progress_.owns(start.partition));
  // A start that the store does not know yet is committed soon, even if no record comes.
  if (start.stored != start.next) cutter_.advance(std::chrono::steady_clock::now());
}

// What was fetched before is thrown away, and fetched again. Were it taken instead, its partition would be put back below the next record
// to read, and should that position be gone by then, the error would look like an old one: nothing would be read any more (invariant 29).
std::vector<core::PartitionStart> BatchReader::forward_all_but(std::span<const core::PartitionStart> moved) {
  const Visit visit{*this};
  forget_slots();
  auto others = progress_.positions();
  std::erase_if(others, [&](const core::PartitionStart& other) {
    return std::ranges::find(moved, other.partition, &core::PartitionStart::partition) != moved.end();
  });
  for (const auto& other : others) {
    keep_truncation(other.partition);
    fetched_.remove(other.partition);
    gates_.erase(other.partition);
    forward(other.partition);
    if (progress_.find(other.partition)->is_open()) stop_at_truncation(other);
  }
  return others;
}

void BatchReader::forward(const TopicPartition& partition) {
  lane_.forward(partition, [&](const rd_kafka_message_t& message) { keep_truncation(partition, message); });
}

std::vector<TopicPartition> BatchReader::close(std::span<const TopicPartition> partitions) {
  const Visit visit{*this};
  forget_slots();
  std::vector<TopicPartition> gone;
  for (const auto& partition : partitions) {
    undo(partition);
    led_astray_.erase(partition);
    truncated_.erase(partition);
    if (progress_.close(partition)) gone.push_back(partition);
  }
  return gone;
}

void BatchReader::retire(std::span<const TopicPartition> partitions) {
  const Visit visit{*this};
  lane_.retire(partitions, std::chrono::steady_clock::now());
  if (in_hand_) return;  // its records point to names; a later call drops them
  forget_slots();
  std::erase_if(names_, [this](const auto& name) { return !lane_.has(name.first); });
}

std::vector<TopicPartition> BatchReader::forget(std::span<const TopicPartition> partitions) {
  const Visit visit{*this};
  forget_slots();
  for (const auto& partition : partitions) {
    undo(partition);
    led_astray_.erase(partition);
    truncated_.erase(partition);
    progress_.forget(partition);
  }
  if (!in_hand_) return {partitions.begin(), partitions.end()};
  forgotten_in_hand_.insert(forgotten_in_hand_.end(), partitions.begin(), partitions.end());
  return {};
}

bool BatchReader::park(const core::Claim& claim) {
  const Visit visit{*this};
  // A commit that was late may be refused after the partition has come back, to another worker even (invariant 30).
  if (progress_.valid({&claim, 1}).empty()) return false;
  forget_slots();
  undo(claim.range.partition);
  progress_.park(claim.range.partition);
  return true;
}

std::vector<core::Claim> BatchReader::resting() {
  const Visit visit{*this};
  return progress_.resting();
}

std::vector<Conflict> BatchReader::park_moved(std::span<const core::Claim> resting,
                                              std::span<const std::optional<std::int64_t>> stored) {
  TIDEMARK_EXPECTS(stored.size() == resting.size());
  const Visit visit{*this};
  const auto still = progress_.still_resting(resting);
  std::vector<Conflict> moved;
  for (std::size_t i = 0; i < resting.size(); ++i) {
    const auto& [partition, committed, until] = resting[i].range;
    // What was erased, or never stored, is stored at the next commit.
    if (!stored[i] || *stored[i] == committed || std::ranges::find(still, resting[i]) == still.end()) continue;
    forget_slots();
    TIDEMARK_INVARIANT(27, progress_.find(partition)->rests_at(committed));
    undo(partition);
    progress_.park(partition);
    moved.push_back({partition, stored[i]});
  }
  return moved;
}

BatchInHand BatchReader::divide(BatchInHand& batch, std::size_t records) {
  const Visit visit{*this};
  return engine::divide(batch, records, progress_);
}

std::vector<core::Claim> BatchReader::valid(std::span<const core::Claim> claims) {
  const Visit visit{*this};
  return progress_.valid(claims);
}

std::vector<core::Claim> BatchReader::leaving(std::span<const core::Claim> claims) {
  const Visit visit{*this};
  return progress_.leaving(claims);
}

void BatchReader::settle(std::span<const core::Claim> claims) {
  std::vector<TopicPartition> gone;
  {
    const Visit visit{*this};
    gone = progress_.settle(claims);
    if (!gone.empty()) forget_slots();
    post_parked();
  }
  release(std::move(gone));
}

void BatchReader::drop(std::span<const core::Claim> claims) {
  std::vector<TopicPartition> gone;
  {
    const Visit visit{*this};
    gone = progress_.drop(claims);
    if (!gone.empty()) forget_slots();
  }
  release(std::move(gone));
}

std::vector<core::PartitionStart> BatchReader::positions() {
  const Visit visit{*this};
  return progress_.positions();
}

bool BatchReader::owns(const TopicPartition& partition) {
  const Visit visit{*this};
  return progress_.owns(partition);
}

bool BatchReader::has_let_go_of(const TopicPartition& partition) {
  const Visit visit{*this};
  return !progress_.owns(partition) && std::ranges::find(forgotten_in_hand_, partition) == forgotten_in_hand_.end();
}

void BatchReader::undo(const TopicPartition& partition) {
  if (progress_.owns(partition)) keep_truncation(partition);
  gates_.erase(partition);
  if (auto obstacle = obstacles_.extract(partition);
      obstacle && obstacle.mapped().kind == core::Obstacle::Kind::truncated)
    truncated_.insert_or_assign(partition, std::move(obstacle.mapped()));
  const auto removed = assembling_.remove(partition);
  cutter_.remove(removed.records, removed.bytes);
}

void BatchReader::release(std::vector<TopicPartition> partitions) {
  if (!partitions.empty()) mailbox_.post(message::Released{std::move(partitions)});
}

}  // namespace tidemark::engine
