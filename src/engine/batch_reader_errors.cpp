// What a BatchReader does with errors that come by its lane, and with offsets that are missing.
#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "engine/batch_reader.hpp"
#include "kafka/known_end.hpp"
#include "kafka/partition_error.hpp"

namespace tidemark::engine {

using core::Obstacle;

namespace {

Obstacle truncation(const rd_kafka_message_t& message) {
  const std::string_view text = rd_kafka_message_errstr(&message);
  return {Obstacle::Kind::truncated, 0, message.offset, kafka::truncated_end(text), message.err, std::string{text}};
}

}  // namespace

void BatchReader::accept_error(rd_kafka_message_t* message, TimePoint now) {
  const std::string_view text = rd_kafka_message_errstr(message);
  if (message->rkt == nullptr) return notifier_->on_error(text);
  const auto& slot = slot_of(*message, now);
  const auto obstacle = [&](Obstacle::Kind kind) {
    return Obstacle{kind, 0, message->offset, std::nullopt, message->err, std::string{text}};
  };
  switch (kafka::kind_of(message->err, text)) {
    case kafka::PartitionErrorKind::end:
      return accept_end(slot, message->offset, now);
    case kafka::PartitionErrorKind::out_of_range:
      return stop_reading(slot, obstacle(Obstacle::Kind::out_of_range), now);
    case kafka::PartitionErrorKind::truncated:
      return stop_reading(slot, truncation(*message), now);
    case kafka::PartitionErrorKind::unreadable:
      return stop_reading(slot, obstacle(Obstacle::Kind::unreadable), now);
    case kafka::PartitionErrorKind::forbidden:
      return stop_reading(slot, obstacle(Obstacle::Kind::forbidden), now);
    case kafka::PartitionErrorKind::other:
      break;
  }
  notifier_->on_error(fmt::format("{} [{}]: {}", slot.partition->name.topic, message->partition, text));
}

/// That a log was truncated is said once, so it is looked for in whatever is thrown away to be fetched again (invariant 38). Since our position
/// is what counts, it does no harm that it overtakes records.
void BatchReader::keep_truncation(const TopicPartition& partition) {
  const auto look = [&](const rd_kafka_message_t* message) { keep_truncation(partition, *message); };
  std::ranges::for_each(fetched_.all(), look);
  gates_.for_each_held(look);
}

void BatchReader::keep_truncation(const TopicPartition& partition, const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || !kafka::is_of(partition, message)) return;
  if (kafka::kind_of(message.err, rd_kafka_message_errstr(&message)) == kafka::PartitionErrorKind::truncated)
    truncated_.insert_or_assign(partition, truncation(message));
}

void BatchReader::accept_end(const Slot& slot, std::int64_t end, TimePoint now) {
  if (slot.cursor == nullptr || stops_at_gap(slot, end, now)) return;
  TIDEMARK_INVARIANT(36, gap_policy_ != GapPolicy::fail || !slot.cursor->leaves_gap(end));
  if (slot.cursor->reach_end(end)) cutter_.advance(now);
  const auto& partition = slot.partition->name;
  if (const auto log_end = kafka::known_end(client_, partition)) published_.set_end(partition, {end, *log_end});
}

/// Where a partition goes on is where its own records end, never at an offset that librdkafka speaks of. That one may be of an earlier
/// ownership, since out-of-range errors outlive every version barrier; it may lie below, since a rebalance sets librdkafka back; and after a
/// damaged batch librdkafka makes it up (invariants 29, 34 and 35).
void BatchReader::stop_reading(const Slot& slot, Obstacle obstacle, TimePoint now) {
  if (slot.cursor == nullptr) return;
  if (slot.cursor->is_held() && obstacle.kind == Obstacle::Kind::truncated) {
    // It is said once, and is about wherever the partition goes on, too.
    truncated_.insert_or_assign(slot.partition->name, std::move(obstacle));
    return;
  }
  if (!slot.cursor->is_open()) return;
  slot.cursor->pause();
  obstacle.position = slot.cursor->next();
  if (obstacle.kind == Obstacle::Kind::out_of_range && obstacle.named > obstacle.position)
    judge_led_astray(slot.partition->name, obstacle);
  obstacles_.insert_or_assign(slot.partition->name, std::move(obstacle));
  cutter_.advance(now);
  post_parked();
}

/// A partition that is read anew goes on behind what Kafka has lost since, or where it knows of no such loss.
void BatchReader::stop_at_truncation(const core::PartitionStart& start) {
  auto told = truncated_.extract(start.partition);
  if (told.empty() || told.mapped().end.value_or(start.next - 1) >= start.next) return;
  auto* cursor = progress_.find(start.partition);
  TIDEMARK_INVARIANT(38, cursor->is_open() && cursor->next() == start.next);
  cursor->pause();
  told.mapped().position = start.next;
  obstacles_.insert_or_assign(start.partition, std::move(told.mapped()));
  post_parked();
}

/// Librdkafka asks for an offset far ahead after markers, or in a batch whose checksum does not hold: it goes on in the midst of that, and
/// takes what it finds there for an offset. Once, the partition goes on at its position; where that leads to the same again, what is there
/// can't be read.
void BatchReader::judge_led_astray(const TopicPartition& partition, Obstacle& obstacle) {
  const auto [last, is_new] = led_astray_.try_emplace(partition, obstacle.position);
  if (is_new || std::exchange(last->second, obstacle.position) != obstacle.position) return;
  obstacle.kind = Obstacle::Kind::unreadable;
  obstacle.code = RD_KAFKA_RESP_ERR__BAD_MSG;
  obstacle.why = fmt::format("librdkafka finds no record there, and asks for offset {} instead", obstacle.named);
}

bool BatchReader::stops_at_gap(const Slot& slot, std::int64_t offset, TimePoint now) {
  if (gap_policy_ != GapPolicy::fail || !slot.cursor->leaves_gap(offset)) return false;
  stop_reading(slot, {Obstacle::Kind::gap, 0, offset, std::nullopt, 0, {}}, now);
  return true;
}

void BatchReader::tell_of(const core::PrefetchWeight::Excess& excess) {
  notifier_->on_log(
      LogLevel::warning,
      fmt::format(
          "keys and headers come to {} bytes a record, which librdkafka does not count in its prefetch queue: a "
          "full one may hold {} MiB beside memory_budget_bytes. To keep within it, set {{\"queued.min.messages\", "
          "\"{}\"}} in ConsumerOptions::kafka",
          excess.each, excess.all >> 20, excess.advised_records));
}

void BatchReader::tell_of_gaps() {
  for (const auto& gaps : progress_.gaps()) {
    published_.set_skipped(gaps.partition, gaps.all);
    if (gap_policy_ == GapPolicy::report)
      notifier_->on_gap({{gaps.partition, gaps.first_from, gaps.first_until}, gaps.offsets, gaps.all});
  }
}

void BatchReader::tell_of_silence(TimePoint now) {
  silence_.look(
      progress_, now, [this](const TopicPartition& partition) { return gates_.is_held(partition); },
      [this, now](const TopicPartition& partition, std::int64_t next, std::chrono::milliseconds quiet_for) {
        published_.set_silent(partition, now - quiet_for);
        notifier_->on_error(fmt::format(
            "{} [{}] stands still at offset {}: for {} s Kafka has sent no record of it, and no word that there is "
            "none. "
            "Either its leader is away, or its next batch does not get through: see Observer::on_log, and the property "
            "receive.message.max.bytes",
            partition.topic, partition.partition, next, quiet_for.count() / 1000));
      });
}

void BatchReader::post_parked() {
  for (auto it = obstacles_.begin(); it != obstacles_.end();) {
    const auto* cursor = progress_.find(it->first);
    if (cursor != nullptr && !cursor->is_settled()) {
      ++it;
      continue;
    }
    TIDEMARK_INVARIANT(10, cursor == nullptr || cursor->is_settled());
    TIDEMARK_INVARIANT(34, cursor == nullptr || it->second.position == cursor->next());
    TIDEMARK_INVARIANT(35, cursor == nullptr || !cursor->is_open());
    if (cursor != nullptr) mailbox_.post(message::Parked{it->first, cursor->committed(), std::move(it->second)});
    it = obstacles_.erase(it);
  }
}

}  // namespace tidemark::engine
