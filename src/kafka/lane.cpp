#include "kafka/lane.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::kafka {
namespace {

/// Whether librdkafka's batch call loses nothing. When a rebalance holds a partition back, the one of 2.0.x throws away what it has taken
/// of it so far, and goes on behind that (rd_kafka_q_serve_rkmessages, its BARRIER; 4208, mended in 2.1.0).
bool has_whole_batches() { return rd_kafka_version() >= 0x020100ff; }

std::size_t read_one_by_one(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) {
  std::size_t count = 0;
  while (count < room.size() && (room[count] = rd_kafka_consume_queue(queue.get(), 0)) != nullptr) ++count;
  return count;
}

}  // namespace

Lane::~Lane() {
  for (const auto& [partition, queue] : forwarded_) empty(queue);
}

void Lane::forward(const TopicPartition& partition) {
  QueueHandle queue{rd_kafka_queue_get_partition(client_, partition.topic.c_str(), partition.partition)};
  auto& last = forwarded_[partition];
  if (last) empty(last);
  rd_kafka_queue_forward(queue.get(), queue_.get());
  last = std::move(queue);
}

void Lane::empty(const QueueHandle& queue) {
  // Read while it is forwarded, it would give the lane's messages: those of all the other partitions.
  rd_kafka_queue_forward(queue.get(), nullptr);
  while (const MessageHandle message{rd_kafka_consume_queue(queue.get(), 0)}) continue;
}

std::size_t Lane::wait_for_first(std::span<rd_kafka_message_t*> room, std::chrono::milliseconds timeout) {
  room.front() = rd_kafka_consume_queue(queue_.get(), static_cast<int>(timeout.count()));
  return room.front() == nullptr ? 0 : 1;
}

std::size_t Lane::take_off(const TopicPartition& partition) {
  rd_kafka_queue_forward(forwarded_.at(partition).get(), nullptr);
  return length();
}

std::size_t Lane::read_off(const TopicPartition& partition, std::span<rd_kafka_message_t*> room) {
  return read(forwarded_.at(partition), room);
}

std::size_t Lane::read(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) {
  if (!has_whole_batches()) return read_one_by_one(queue, room);
  const auto count = rd_kafka_consume_batch_queue(queue.get(), 0, room.data(), room.size());
  return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

}  // namespace tidemark::kafka
