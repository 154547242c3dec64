#include "kafka/lane.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <tidemark/detail/deadline.hpp>

#include "core/invariant.hpp"
#include "kafka/client_config.hpp"

namespace tidemark::kafka {
namespace {

/// Whether librdkafka's batch call may lose records. A rebalance that lets a partition stay sets it back to what librdkafka takes for our
/// position. Its batch call spoils that: up to 2.0.x it counts what it has taken, but then throws away when a rebalance comes upon it
/// (rd_kafka_q_serve_rkmessages, its BARRIER; 4208, mended in 2.1.0); after that, and up to 2.13.1, it counts the end of a partition as if
/// it were a record (4844). Where assignments are revoked as a whole, all begin where we say.
bool has_lossy_batches(rd_kafka_t* client) {
  if (rd_kafka_version() >= 0x020d02ff) return false;
  const auto* conf = rd_kafka_conf(client);
  return property(conf, "partition.assignment.strategy").find("cooperative") != std::string::npos ||
         property(conf, "group.protocol") == "consumer";
}

std::size_t read_one_by_one(const QueueHandle& queue, std::span<rd_kafka_message_t*> room) {
  std::size_t count = 0;
  while (count < room.size() && (room[count] = rd_kafka_consume_queue(queue.get(), 0)) != nullptr) ++count;
  return count;
}

}  // namespace

Lane::Lane(rd_kafka_t* client)
    : client_{client},
      queue_{rd_kafka_queue_new(client)},
      waiter_{queue_.get()},
      loses_batches_{has_lossy_batches(client)} {}

Lane::~Lane() {
  for (const auto& [partition, queue] : forwarded_) empty(queue);
}

void Lane::forward(const TopicPartition& partition, const Discarded& discarded) {
  QueueHandle queue{rd_kafka_queue_get_partition(client_, partition.topic.c_str(), partition.partition)};
  retired_.erase(partition);
  auto& last = forwarded_[partition];
  if (last) empty(last, discarded);
  rd_kafka_queue_forward(queue.get(), queue_.get());
  last = std::move(queue);
}

void Lane::retire(std::span<const TopicPartition> partitions, TimePoint now) {
  for (const auto& partition : partitions)
    if (has(partition)) retired_.insert_or_assign(partition, now);
  std::erase_if(retired_, [&](const auto& retired) {
    if (now - retired.second < retirement) return false;
    const auto found = forwarded_.find(retired.first);
    empty(found->second);
    forwarded_.erase(found);
    return true;
  });
}

void Lane::empty(const QueueHandle& queue, const Discarded& discarded) {
  // Read while it is forwarded, it would give the lane's messages: those of all the other partitions.
  rd_kafka_queue_forward(queue.get(), nullptr);
  while (const MessageHandle message{rd_kafka_consume_queue(queue.get(), 0)})
    if (discarded) discarded(*message);
}

std::size_t Lane::wait_for_first(std::span<rd_kafka_message_t*> room, std::chrono::milliseconds timeout) {
  TIDEMARK_EXPECTS(!room.empty());
  const auto deadline = detail::later(std::chrono::steady_clock::now(), timeout);
  while (waiter_.wait_until(deadline) == QueueWaiter::End::arrival) {
    room.front() = rd_kafka_consume_queue(queue_.get(), 0);
    if (room.front() != nullptr) return 1;
  }
  return 0;
}

std::size_t Lane::take_off(const TopicPartition& partition) {
  TIDEMARK_EXPECTS(!retired_.contains(partition));
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
