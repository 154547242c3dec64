#include "kafka/lane.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tidemark::kafka {
namespace {

/// Whether librdkafka's batch call may lose what it has taken. When a rebalance holds a partition back that stays, the one of 2.0.x throws
/// that away, but goes on behind it (rd_kafka_q_serve_rkmessages, its BARRIER; 4208, mended in 2.1.0). Where assignments are revoked as a
/// whole, nothing stays.
bool has_lossy_batches(rd_kafka_t* client) {
  if (rd_kafka_version() >= 0x020100ff) return false;
  std::array<char, 512> strategies{};
  auto size = strategies.size();
  rd_kafka_conf_get(rd_kafka_conf(client), "partition.assignment.strategy", strategies.data(), &size);
  return std::string_view{strategies.data()}.find("cooperative") != std::string_view::npos;
}

std::size_t read_one_by_one(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) {
  std::size_t count = 0;
  while (count < room.size() && (room[count] = rd_kafka_consume_queue(queue.get(), 0)) != nullptr) ++count;
  return count;
}

}  // namespace

Lane::Lane(rd_kafka_t* client)
    : client_{client}, queue_{rd_kafka_queue_new(client)}, loses_batches_{has_lossy_batches(client)} {}

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

std::size_t Lane::read(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) const {
  if (loses_batches_) return read_one_by_one(queue, room);
  const auto count = rd_kafka_consume_batch_queue(queue.get(), 0, room.data(), room.size());
  return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

}  // namespace tidemark::kafka
