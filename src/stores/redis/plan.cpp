#include "stores/redis/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark::detail {

std::vector<RedisChunk> redis_chunks(const RedisKeyPattern& pattern, std::string_view group, std::size_t count,
                                     const std::function<const TopicPartition&(std::size_t)>& partition,
                                     std::optional<std::size_t> chunk) {
  std::vector<RedisChunk> chunks;
  std::map<std::string_view, std::size_t> open;  // the chunk that a topic's next partition belongs to
  for (std::size_t place = 0; place < count; ++place) {
    const auto& [topic, number] = partition(place);
    if (number < 0)
      throw StoreError{fmt::format("Redis store: {} [{}] is no partition", stores::quoted(topic), number),
                       StoreError::Retry::no};
    auto [found, is_new] = open.try_emplace(topic, chunks.size());
    if (is_new) {
      auto key = pattern.key(topic, group);
      const auto slot = pattern.slot(key);
      chunks.push_back({std::move(key), slot});
    } else if (chunk && chunks[found->second].places.size() == *chunk) {
      chunks.push_back({chunks[found->second].key, chunks[found->second].slot});
      found->second = chunks.size() - 1;
    }
    chunks[found->second].places.push_back(place);
  }
  return chunks;
}

RedisPlan::RedisPlan(std::vector<RedisChunk> chunks, const RedisScript& script, const Append& append) {
  std::map<std::uint16_t, std::vector<RedisChunk>> by_slot;
  for (auto& chunk : chunks) by_slot[chunk.slot].push_back(std::move(chunk));
  for (auto& [slot, of_slot] : by_slot) {
    RedisCall call{slot, &script};
    for (const auto& chunk : of_slot) call.keys.add(chunk.key);
    for (const auto& chunk : of_slot) {
      call.arguments.add(static_cast<std::int64_t>(chunk.places.size()));
      append(call.arguments, chunk);
    }
    calls_.push_back(std::move(call));
    by_call_.push_back(std::move(of_slot));
  }
}

Conflict RedisPlan::conflict(const RedisCall& call, std::span<const RedisReply> told,
                             std::span<const OffsetRange> ranges) const {
  const auto& chunks = by_call_.at(static_cast<std::size_t>(&call - calls_.data()));
  if (told.size() == 3) {
    const auto chunk = static_cast<std::uint64_t>(told[0].integer()) - 1;
    const auto range = static_cast<std::uint64_t>(told[1].integer()) - 1;
    if (chunk < chunks.size() && range < chunks[chunk].places.size()) {
      const auto& partition = ranges[chunks[chunk].places[range]].partition;
      return {partition, stored_offset(told[2], chunks[chunk].key, partition.partition)};
    }
  }
  throw StoreError{fmt::format("Redis store ({}): the answer of the script is not understood", call.server),
                   StoreError::Retry::yes};
}

std::vector<RedisChunk> redis_chunks(const RedisKeyPattern& pattern, std::string_view group,
                                     std::span<const OffsetRange> ranges) {
  for (const auto& range : ranges) {
    refuse_negative(range.partition, range.from);
    refuse_negative(range.partition, range.until);
  }
  return redis_chunks(
      pattern, group, ranges.size(), [&](std::size_t i) -> const TopicPartition& { return ranges[i].partition; },
      redis_chunk);
}

void append_ranges(RedisArguments& arguments, const RedisChunk& chunk, std::span<const OffsetRange> ranges) {
  for (const auto place : chunk.places) {
    arguments.add(std::int64_t{ranges[place].partition.partition});
    arguments.add(ranges[place].until);
  }
  for (const auto place : chunk.places) arguments.add(ranges[place].from);
}

void refuse_negative(const TopicPartition& partition, std::int64_t offset) {
  if (offset >= 0) return;
  throw StoreError{fmt::format("Redis store: {} is no offset for {} [{}]: offsets are never negative", offset,
                               stores::quoted(partition.topic), partition.partition),
                   StoreError::Retry::no};
}

std::optional<std::int64_t> stored_offset(const RedisReply& value, std::string_view key, std::int32_t partition) {
  if (value.is_nil()) return std::nullopt;
  const bool is_text = value.type() == RedisReply::Type::string;
  if (const auto offset = is_text ? stores::offset_in(value.text()) : std::nullopt) return offset;
  throw StoreError{
      fmt::format("Redis store: field \"{}\" of the hash {} holds {}, which is no offset (0 to 9223372036854775807, "
                  "without sign or leading zeros): correct it by HSET, or remove it by HDEL to start anew",
                  partition, stores::quoted(key), is_text ? stores::quoted(value.text()) : "something else than text"),
      StoreError::Retry::no};
}

}  // namespace tidemark::detail
