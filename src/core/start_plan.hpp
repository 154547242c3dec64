#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <tidemark/start_policy.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark::core {

/// Where a partition without a stored offset begins, as far as it can be told without asking Kafka.
enum class StartPoint {
  beginning,  ///< The oldest record there is.
  end,        ///< After the newest one; to be stored at once.
  timestamp,  ///< The first record not older than the policy's time; to be stored at once.
  given,      ///< As the policy's table says.
  nowhere,    ///< The policy is to fail, or its table does not name the partition.
};

/// `topic_is_known`: some other partition of the topic has a stored offset, so this one was added later.
StartPoint start_point(const StartPolicy& policy, const TopicPartition& partition, bool topic_is_known);

/// Whether the policy's start must be stored for all partitions of a topic together, the moment it is first resolved: for starts
/// that would come out differently the next time.
bool is_stored_at_once(StartPoint point);

/// Whether start_point() looks at `topic_is_known` under this policy.
bool asks_for_other_partitions(const StartPolicy& policy);

/// Throws StoreError unless a loaded value can be an offset: absent, or 0 to 2^63 − 1.
void check_stored(const TopicPartition& partition, std::optional<std::int64_t> stored);

}  // namespace tidemark::core
