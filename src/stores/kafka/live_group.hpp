#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include <tidemark/offset_range.hpp>

#include "stores/kafka/commit_order.hpp"
#include "stores/kafka/stored_list.hpp"

namespace tidemark::kafka {

/// A group's offsets as seen through one of its live consumers. Its functions throw StoreError, within `timeout`: they ask librdkafka
/// nothing that it answers without a time limit. A consumer that is closing throws such questions away unanswered.
class LiveGroup {
 public:
  LiveGroup(rd_kafka_t& consumer, std::string_view group, std::chrono::milliseconds timeout, CommitOrder& order)
      : consumer_{consumer}, group_{group}, timeout_{timeout}, order_{order} {}

  StoredOffsets load(std::span<const TopicPartition> partitions) const;
  void commit(std::span<const OffsetRange> ranges, std::string_view metadata) const;

 private:
  void refuse_unsafe_protocol() const;
  void refuse_unassigned(std::span<const OffsetRange> ranges, std::string_view action) const;

  rd_kafka_t& consumer_;
  std::string_view group_;
  std::chrono::milliseconds timeout_;
  CommitOrder& order_;
};

}  // namespace tidemark::kafka
