#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/invariant.hpp"
#include "kafka/handles.hpp"

namespace tidemark::kafka {

inline bool is_of(const TopicPartition& partition, const rd_kafka_message_t& message) {
  return message.rkt != nullptr && message.partition == partition.partition &&
         partition.topic == rd_kafka_topic_name(message.rkt);
}

/// Messages read from a lane and not looked at yet, in storage that is made once: a read of a few costs no more than these few.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class FetchedMessages {
 public:
  explicit FetchedMessages(std::size_t capacity) : messages_(capacity) {}
  ~FetchedMessages() { std::for_each(begin(), end(), rd_kafka_message_destroy); }

  FetchedMessages(const FetchedMessages&) = delete;
  FetchedMessages& operator=(const FetchedMessages&) = delete;

  bool empty() const { return next_ == end_; }
  rd_kafka_message_t* front() const {
    TIDEMARK_EXPECTS(!empty());
    return messages_[next_];
  }
  std::span<rd_kafka_message_t* const> all() const { return std::span{messages_}.subspan(next_, end_ - next_); }
  /// The first one belongs to the caller now.
  void pop() {
    TIDEMARK_EXPECTS(!empty());
    if (++next_ == end_) next_ = end_ = 0;
  }

  /// Where to put at most `count` more; then say how many there were.
  std::span<rd_kafka_message_t*> room(std::size_t count) {
    return {messages_.data() + end_, std::min(count, messages_.size() - end_)};
  }
  void add(std::size_t count) {
    TIDEMARK_EXPECTS(count <= messages_.size() - end_);
    end_ += count;
  }

  bool has(const TopicPartition& partition) const {
    return std::ranges::any_of(all(), [&](const rd_kafka_message_t* message) { return is_of(partition, *message); });
  }

  void remove(const TopicPartition& partition) {
    const auto stale = std::stable_partition(
        begin(), end(), [&](const rd_kafka_message_t* message) { return !is_of(partition, *message); });
    std::for_each(stale, end(), rd_kafka_message_destroy);
    end_ -= static_cast<std::size_t>(end() - stale);
  }

 private:
  using Position = std::vector<rd_kafka_message_t*>::iterator;
  Position begin() { return messages_.begin() + static_cast<std::ptrdiff_t>(next_); }
  Position end() { return messages_.begin() + static_cast<std::ptrdiff_t>(end_); }

  std::vector<rd_kafka_message_t*> messages_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tidemark::kafka
