#include "stores/kafka/admin_answer.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace tidemark::kafka {

namespace {

const rd_kafka_group_result_t** groups_in(rd_kafka_event_t& answer, std::size_t& count) {
  if (const auto* listed = rd_kafka_event_ListConsumerGroupOffsets_result(&answer))
    return rd_kafka_ListConsumerGroupOffsets_result_groups(listed, &count);
  if (const auto* altered = rd_kafka_event_AlterConsumerGroupOffsets_result(&answer))
    return rd_kafka_AlterConsumerGroupOffsets_result_groups(altered, &count);
  if (const auto* deleted = rd_kafka_event_DeleteConsumerGroupOffsets_result(&answer))
    return rd_kafka_DeleteConsumerGroupOffsets_result_groups(deleted, &count);
  return nullptr;
}

}  // namespace

const rd_kafka_topic_partition_list_t* partitions_in(rd_kafka_event_t& answer) {
  if (rd_kafka_event_error(&answer)) return nullptr;
  std::size_t count = 0;
  const auto** groups = groups_in(answer, count);
  return count == 0 ? nullptr : rd_kafka_group_result_partitions(groups[0]);
}

bool is_answered_later(rd_kafka_event_t& answer) {
  const auto later = [](rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT || code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
  };
  if (later(rd_kafka_event_error(&answer))) return true;
  const auto* list = partitions_in(answer);
  return list && std::ranges::any_of(std::span{list->elems, static_cast<std::size_t>(list->cnt)}, later,
                                     &rd_kafka_topic_partition_t::err);
}

}  // namespace tidemark::kafka
