// The part of Control that sees to partitions which can't be read on.
#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "engine/control.hpp"
#include "kafka/partition_error.hpp"

namespace tidemark::engine {
namespace {

std::string name_of(const TopicPartition& partition) {
  return fmt::format("{} [{}]", partition.topic, partition.partition);
}

UnreadableError unreadable(const TopicPartition& partition, const core::Obstacle& obstacle, const std::string& group) {
  return {
      partition, obstacle.position, obstacle.code,
      fmt::format("offset {} of {} can't be read: {}. {} What came before is committed. To go on past it, set the "
                  "stored offset of group \"{}\" behind the batch (kafka-dump-log shows where it ends); to go on "
                  "with the other partitions, set ConsumerOptions::unreadable to park",
                  obstacle.position, name_of(partition), obstacle.why, kafka::unreadable_advice(obstacle.code), group)};
}

GapError gap(const TopicPartition& partition, const core::Obstacle& obstacle) {
  return {
      {partition, obstacle.position, obstacle.named},
      fmt::format(
          "offsets {} to {} of {} are missing: Kafka goes on from offset {} to {}. Records were lost, or the topic is "
          "compacted or written in transactions. What came before is committed. If gaps are right in this "
          "topic, set ConsumerOptions::gaps to report or ignore",
          obstacle.position, obstacle.named - 1, name_of(partition), obstacle.position - 1, obstacle.named)};
}

KafkaError forbidden(const TopicPartition& partition, const core::Obstacle& obstacle) {
  return {obstacle.code, fmt::format("{} can't be read: {}; {}. What came before is committed", name_of(partition),
                                     obstacle.why, kafka::forbidden_remedy)};
}

}  // namespace

void Control::on_message(message::Parked& message) {
  using Kind = core::Obstacle::Kind;
  if (message.obstacle && message.obstacle->kind == Kind::unreadable) return on_unreadable(message);
  if (message.obstacle && message.obstacle->kind == Kind::forbidden) return on_forbidden(message);
  if (message.obstacle && message.obstacle->kind == Kind::gap)
    return fail(std::make_exception_ptr(gap(message.partition, *message.obstacle)));
  parked_[message.partition] = message;
  perform(session_.on_parked(message.partition));
}

void Control::on_unreadable(const message::Parked& parked) {
  const auto& [partition, committed, obstacle] = parked;
  if (!session_.owned().contains(partition)) return;
  if (options_.unreadable == UnreadablePolicy::park) {
    published_.set_parked(partition, true);
    return tell_of(partition, unreadable_.add(partition, *obstacle, std::chrono::steady_clock::now()));
  }
  notifier_->on_unreadable({partition, obstacle->position, obstacle->code, obstacle->why, std::nullopt});
  fail(std::make_exception_ptr(unreadable(partition, *obstacle, options_.group)));
}

/// librdkafka tells of a missing right once. What was asked for by name ends the consumer, as it does where the same error comes as an event. A
/// pattern may match topics that this user can see but not read: these are passed over until the right is there.
void Control::on_forbidden(const message::Parked& parked) {
  const auto& [partition, committed, obstacle] = parked;
  if (!session_.owned().contains(partition)) return;
  const auto is_named = !options_.partitions.empty() || std::ranges::find(topics_, partition.topic) != topics_.end();
  if (is_named) return fail(std::make_exception_ptr(forbidden(partition, *obstacle)));
  published_.set_parked(partition, true);
  auto told = *obstacle;
  told.why = fmt::format("{}; {}", told.why, kafka::forbidden_remedy);
  tell_of(partition, unreadable_.add(partition, std::move(told), std::chrono::steady_clock::now()));
}

/// It is read again from what is stored by now: an operator may have moved it past the damage.
void Control::look_at_unreadable(TimePoint now) {
  if (stopping_) return;
  for (const auto& partition : unreadable_.take_due(now)) {
    published_.set_parked(partition, false);
    message::Parked again{partition, 0, std::nullopt};
    on_message(again);
  }
}

void Control::tell_of(const TopicPartition& partition, const core::ParkedPartitions::Parked& parked) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(parked.next_try - std::chrono::steady_clock::now());
  notifier_->on_unreadable({partition, parked.obstacle.position, parked.obstacle.code, parked.obstacle.why,
                            std::max(left, std::chrono::milliseconds{0})});
}

}  // namespace tidemark::engine
