#include "core/start_plan.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::core {

StartPoint start_point(const StartPolicy& policy, const TopicPartition& partition, bool topic_is_known) {
  // Named, so known to whoever gave the offsets: not one that was added later.
  if (const auto* offsets = std::get_if<start::Offsets>(&policy); offsets && offsets->next.contains(partition))
    return StartPoint::given;
  if (topic_is_known || std::holds_alternative<start::Earliest>(policy)) return StartPoint::beginning;
  if (std::holds_alternative<start::Latest>(policy)) return StartPoint::end;
  if (std::holds_alternative<start::Timestamp>(policy)) return StartPoint::timestamp;
  return StartPoint::nowhere;
}

bool is_stored_at_once(StartPoint point) { return point == StartPoint::end || point == StartPoint::timestamp; }

bool asks_for_other_partitions(const StartPolicy& policy) { return !std::holds_alternative<start::Earliest>(policy); }

void check_stored(const TopicPartition& partition, std::optional<std::int64_t> stored) {
  if (!stored || *stored >= 0) return;
  throw StoreError{
      fmt::format(
          "the store holds {} as the next offset of {} [{}], and offsets are never negative; set it to the next "
          "offset to read, or remove it for the start policy to decide",
          *stored, partition.topic, partition.partition),
      StoreError::Retry::no};
}

}  // namespace tidemark::core
