#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <variant>

#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// Where to begin in a partition for which nothing is stored. What is stored always wins.
///
/// Where other partitions of the same topic have stored offsets, a partition without one is new (the topic has grown) and starts
/// at its beginning whatever the policy, so that nothing written before it was discovered is skipped. Only Offsets that name it win.
namespace start {

/// At the oldest record still there.
struct Earliest {};

/// After the newest record. The position is stored at once, so that a crash before the first commit skips nothing.
struct Latest {};

/// At the first record whose timestamp is not earlier; stored at once, as with Latest. Latest where there is none yet.
struct Timestamp {
  std::chrono::system_clock::time_point at;
};

/// At these offsets. A partition that is not named is an OffsetError.
struct Offsets {
  std::map<TopicPartition, std::int64_t> next;
};

/// Nowhere: the consumer stops with an OffsetError.
struct Fail {};

}  // namespace start

using StartPolicy = std::variant<start::Earliest, start::Latest, start::Timestamp, start::Offsets, start::Fail>;

}  // namespace tidemark
