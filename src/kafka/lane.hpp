#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <span>

#include <tidemark/topic_partition.hpp>

#include "kafka/handles.hpp"
#include "kafka/queue_waiter.hpp"

namespace tidemark::kafka {

/// A worker's own queue, to which the queues of its partitions are forwarded. Reading it needs no group membership and costs none.
///
/// Thread safety: wake() from any thread; forward() by one, and the rest by one thread at a time.
class Lane {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Discarded = std::function<void(const rd_kafka_message_t&)>;

  /// Fetches under way when a partition was taken off, and its last error, have come by then.
  static constexpr std::chrono::seconds retirement{60};

  explicit Lane(rd_kafka_t* client);
  ~Lane();

  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// From the next assign call on, the partition's messages come here. Must precede that call: librdkafka keeps the choice.
  /// What is left in its own queue from before is given to `discarded`, and thrown away.
  void forward(const TopicPartition& partition, const Discarded& discarded = {});

  /// These were taken off Kafka. Unless one is forwarded anew, it is forgotten at a later call, once librdkafka must be done with it.
  void retire(std::span<const TopicPartition> partitions, TimePoint now);
  /// Whether a partition was forwarded, and is not forgotten.
  bool has(const TopicPartition& partition) const { return forwarded_.contains(partition); }

  /// What comes of a partition that was forwarded stays in its own queue from now on. Returns how many messages are here still that
  /// came before that, its own among them.
  std::size_t take_off(const TopicPartition& partition);
  /// Takes what is there of it. Returns how many.
  std::size_t read_off(const TopicPartition& partition, std::span<rd_kafka_message_t*> room);
  /// Comes here again, with what is in its own queue.
  void put_back(const TopicPartition& partition) {
    rd_kafka_queue_forward(forwarded_.at(partition).get(), queue_.get());
  }

  /// Takes the first message to come, errors included, unless the time is over or somebody calls wake(). Returns how many there are:
  /// 0 or 1. Call this only after read() has found nothing.
  std::size_t wait_for_first(std::span<rd_kafka_message_t*> room, std::chrono::milliseconds timeout);

  /// Takes what is there, without waiting, until `room` is filled. Returns how many.
  std::size_t read(std::span<rd_kafka_message_t*> room) const { return read(queue_, room); }

  /// Messages that are here.
  std::size_t length() const { return rd_kafka_queue_length(queue_.get()); }

  /// Ends a wait, the one under way or else the next.
  void wake() { waiter_.wake(); }

 private:
  static void empty(const QueueHandle& queue, const Discarded& discarded = {});
  std::size_t read(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) const;

  rd_kafka_t* client_;
  QueueHandle queue_;
  QueueWaiter waiter_;
  bool loses_batches_;
  // Kept for a while because what librdkafka puts into the queue of a partition whose topic was deleted, after its fetcher has stopped, nobody
  // else can reach any more: it would hold the partition, the partition its broker, and rd_kafka_destroy would wait for ever.
  std::map<TopicPartition, QueueHandle> forwarded_;
  std::map<TopicPartition, TimePoint> retired_;
};

}  // namespace tidemark::kafka
