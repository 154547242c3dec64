#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <tidemark/offset_range.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Keeps a partition's commits in order after one of them has timed out. librdkafka does not drop a commit when its caller stops waiting: it
/// repeats the request, for up to some minutes, and the repetition would overwrite what was committed meanwhile. It always answers in the
/// end, unless the consumer is destroyed first.
///
/// Thread safety: shared objects safe.
/// Blocking:      wait_for_earlier() up to the deadline.
/// Lifetime:      may outlive the consumers.
class CommitOrder {
 public:
  using Clock = std::chrono::steady_clock;

  /// A commit that was sent and is not answered yet.
  struct Unanswered {
    TopicPartition partition;
    std::int64_t until = 0;
    std::chrono::milliseconds age{};
  };

  CommitOrder() = default;
  ~CommitOrder();
  CommitOrder(const CommitOrder&) = delete;
  CommitOrder& operator=(const CommitOrder&) = delete;

  /// Waits until librdkafka has answered every commit of these partitions that was left to it. Returns one that is still unanswered at the
  /// deadline, or once a stop is requested, if there is one.
  std::optional<Unanswered> wait_for_earlier(const rd_kafka_t& consumer, std::span<const OffsetRange> ranges,
                                             Clock::time_point deadline, const std::stop_token& stop);

  /// The caller of a commit stops waiting. `answers` is the queue that the answer will come to.
  void leave(const rd_kafka_t& consumer, std::span<const OffsetRange> ranges, QueueHandle answers);

 private:
  struct Entry {
    CommitOrder& order;
    std::string consumer;  // the name, for the address of a destroyed consumer may be used again
    std::vector<OffsetRange> ranges;
    Clock::time_point left_at;
    bool answered = false;
    QueueHandle answers;  // the last member, so that the queue is gone before what its callback touches
  };

  static void on_answer(rd_kafka_t* consumer, void* entry);
  std::optional<Unanswered> earlier_than(const std::string& consumer, std::span<const OffsetRange> ranges) const;
  void free_answered(const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<std::shared_ptr<Entry>> entries_;
  std::jthread freeing_;
};

}  // namespace tidemark::kafka
