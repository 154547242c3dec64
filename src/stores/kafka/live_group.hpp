#pragma once

#include <chrono>
#include <span>
#include <stop_token>
#include <string_view>

#include <tidemark/offset_store.hpp>

#include "stores/common/deadline.hpp"
#include "stores/kafka/commit_order.hpp"
#include "stores/kafka/stored_list.hpp"

namespace tidemark::kafka {

/// A group's offsets as seen through one of its live consumers. Its functions throw StoreError, within `timeout`: they ask librdkafka
/// nothing that it answers without a time limit. A consumer that is closing throws such questions away unanswered.
class LiveGroup {
 public:
  LiveGroup(const GroupSession& session, std::chrono::milliseconds timeout, CommitOrder& order)
      : consumer_{*session.consumer},
        group_{session.group},
        timeout_{timeout},
        deadline_{stores::Deadline{timeout}.no_later_than(session.deadline)},
        stop_{session.stop},
        order_{order} {}

  StoredOffsets load(std::span<const TopicPartition> partitions) const;
  void commit(std::span<const OffsetRange> ranges, std::string_view metadata) const;

 private:
  void refuse_unsafe_protocol() const;
  EventHandle answer_from(rd_kafka_queue_t& answers) const;
  void refuse_unassigned(std::span<const OffsetRange> ranges, std::string_view action) const;

  rd_kafka_t& consumer_;
  std::string_view group_;
  std::chrono::milliseconds timeout_;
  stores::Deadline deadline_;
  std::stop_token stop_;
  CommitOrder& order_;
};

}  // namespace tidemark::kafka
