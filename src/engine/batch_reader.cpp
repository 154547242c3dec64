#include "engine/batch_reader.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/invariant.hpp"
#include "engine/batch_reader_visit.hpp"
#include "kafka/client_config.hpp"
#include "kafka/known_end.hpp"

namespace tidemark::engine {
namespace {

// While nothing arrives: how often a worker looks up all the same. Whoever wants it earlier wakes the lane.
constexpr std::chrono::milliseconds idle_wait{1000};

// While a batch fills: how often to look whether somebody wants the lock.
constexpr std::chrono::milliseconds filling_wait{10};

// While a partition's own queue is read, which wakes nobody: how often to look into it.
constexpr std::chrono::milliseconds gate_wait{10};

// What one read from the lane may bring at the most, whatever the batch's size: few enough that their messages are still in the processor's
// cache when they are looked at, and that memory stays bounded by bytes soon.
constexpr std::size_t read_at_once = 1'000;

// So many records ask for the rate of all workers together.
constexpr std::size_t admitted_at_once = 64;

// A partition of which nothing comes is told of so often, and at least every few lag reports.
constexpr std::chrono::milliseconds shortest_silence{5'000};
constexpr std::chrono::milliseconds longest_silence{30'000};

std::chrono::milliseconds silence_limit(const ConsumerOptions& options) {
  return std::clamp(std::min(options.lag_interval, longest_silence) * 3, shortest_silence, longest_silence);
}

std::size_t size_of(const rd_kafka_message_t* message) { return message->len + message->key_len; }

}  // namespace

BatchReader::BatchReader(const WorkerContext& context, const BatchLimits& limits)
    : client_{context.client},
      returns_{context.returns},
      lane_{context.client},
      waker_{context.client},
      mailbox_{context.mailbox},
      notifier_{context.notifier},
      published_{context.published},
      gap_policy_{context.options.gaps},
      flow_{context.flow},
      cutter_{limits},
      prefetch_{context.options.memory_budget_bytes / context.options.concurrency / 2,
                std::stoul(kafka::property(rd_kafka_conf(context.client), "queued.min.messages"))},
      silence_{silence_limit(context.options)},
      fetched_{std::min(limits.max_records, read_at_once)},
      gates_{lane_} {
  gates_.set_limit(flow_.partition_limit(), std::chrono::steady_clock::now());
}

std::optional<BatchInHand> BatchReader::read() {
  std::unique_lock lock{mutex_};
  while (true) {
    visitors_gone_.wait(lock, [this] { return visitors_ == 0; });
    if (stopped_) return std::nullopt;
    auto now = std::chrono::steady_clock::now();
    if (!flow_.is_paused()) {
      assemble(now);
      if (cutter_.closed(now)) {
        end_wait(now);
        return cut();
      }
      if (!rests_until_) {
        fetch(now);
        continue;
      }
    }
    end_wait(now);
    rest(lock);
  }
}

/// Without reading: what was prefetched stays where it is. Visitors end it.
void BatchReader::rest(std::unique_lock<std::mutex>& lock) {
  auto until = std::exchange(rests_until_, std::nullopt);
  if (flow_.is_paused()) return visitors_gone_.wait(lock);
  if (!until) return;  // resumed meanwhile
  if (const auto deadline = cutter_.deadline()) until = std::min(*until, *deadline);
  visitors_gone_.wait_until(lock, *until);
}

void BatchReader::fetch(TimePoint now) {
  const auto room = cutter_.room();
  if (read_what_is_there(room, now)) return;
  tell_of_silence(now);
  if (visitors_ > 0 || stopped_) return;
  waker_.before_wait(now);
  const auto opening = gates_.opens_at();
  if (!opening) watch_for_stall(now);
  const auto wait = longest_wait(now, opening);
  if (wait.count() <= 0) return;
  add(lane_.wait_for_first(fetched_.room(1), wait));
  if (fetched_.empty() && wait == idle_wait) returns_.flush();
  if (!fetched_.empty() && room > 1) read_what_is_there(room - 1, now);
}

std::chrono::milliseconds BatchReader::longest_wait(TimePoint now, std::optional<TimePoint> opening) const {
  // A batch that is begun may fill until its time is over. Rounded up, lest the last millisecond is spent spinning.
  if (const auto deadline = cutter_.deadline())
    return std::min(std::chrono::ceil<std::chrono::milliseconds>(*deadline - now), filling_wait);
  const auto wait = stall_.is_undecided() ? core::StallMeter::limit : idle_wait;
  if (!opening) return wait;
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*opening - now), gate_wait, wait);
}

void BatchReader::add(std::size_t fetched) {
  fetched_.add(fetched);
  gates_.on_lane_read(fetched);
}

void BatchReader::watch_for_stall(TimePoint now) {
  stall_.on_nothing(now);
  if (!stall_.asks(now)) return;
  stall_.on_answer(
      progress_.expects_more([this](const TopicPartition& partition) { return kafka::known_end(client_, partition); }));
}

void BatchReader::end_wait(TimePoint now) {
  if (const auto waited = stall_.end(now)) notifier_->on_stall({*waited});
}

bool BatchReader::read_what_is_there(std::size_t room, TimePoint now) {
  const auto count = lane_.read(fetched_.room(room));
  add(count);
  if (count == 0) return false;
  waker_.on_read(now);
  return true;
}

void BatchReader::assemble(TimePoint now) {
  if (!fetched_.empty()) {
    // Word that there is nothing more ends no stall: the log went on with records of open transactions.
    const auto is_end = [](const auto* message) { return message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF; };
    if (std::ranges::all_of(fetched_.all(), is_end)) stall_.end(now);
    end_wait(now);
  }
  gates_.pass(now, fetched_.empty(), [&](rd_kafka_message_t* message, RateGates::Gate&) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return take(message, slot_of(*message, now), now);
    const kafka::MessageHandle owned{message};
    accept_error(message, now);
    return true;
  });
  while (!fetched_.empty() && accept(fetched_.front(), now)) fetched_.pop();
}

bool BatchReader::accept(rd_kafka_message_t* message, TimePoint now) {
  const bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (is_record || message->rkt != nullptr) {
    const auto& slot = slot_of(*message, now);
    if (slot.gate != nullptr && (slot.gate->is_off() || (is_record && !slot.gate->is_open(now)))) {
      gates_.hold(slot.partition->name, *slot.gate, message);
      return true;
    }
    TIDEMARK_INVARIANT(23, slot.gate == nullptr || !slot.gate->is_off());
    if (is_record) return take(message, slot, now);
  }
  const kafka::MessageHandle owned{message};
  accept_error(message, now);
  return true;
}

/// False where there is no room for it now.
bool BatchReader::take(rd_kafka_message_t* message, const Slot& slot, TimePoint now) {
  const auto bytes = size_of(message);
  if (headers_.is_due()) {
    const auto headers = headers_.look_at(message);
    cutter_.weigh(headers_.each());
    if (const auto excess = prefetch_.look_at(message->key_len + headers)) tell_of(*excess);
  }
  const bool steps_back = slot.cursor != nullptr && slot.cursor->steps_back();
  if (steps_back) cutter_.advance(now);
  if (steps_back || !cutter_.admits(bytes)) {
    cutter_.close();
    return false;
  }
  if (slot.cursor != nullptr && flow_.is_limited() && !admit(message, now)) return false;
  if (slot.cursor == nullptr || stops_at_gap(slot, message->offset, now) || !slot.cursor->take(message->offset)) {
    rd_kafka_message_destroy(message);
    return true;
  }
  if (slot.gate != nullptr) slot.gate->take(bytes);
  cutter_.add(bytes, now);
  assembling_.add(message, *slot.partition);
  return true;
}

/// Whether the rate of all workers lets this record through. It is asked for those behind as well, since it asks for a lock.
bool BatchReader::admit(const rd_kafka_message_t* message, TimePoint now) {
  if (admitted_ == 0) {
    std::array<std::size_t, admitted_at_once> sizes{size_of(message)};
    std::size_t count = 1;
    const auto ahead = fetched_.all();
    for (const auto* next : ahead.first(std::min(ahead.size(), sizes.size() - 1)))
      if (next != message) sizes[count++] = size_of(next);
    admitted_ = flow_.admit(std::span{sizes}.first(count), now);
  }
  if (admitted_ == 0) {
    rests_until_ = flow_.opens_at();
    return false;
  }
  --admitted_;
  return true;
}

/// Whether each claim ends one after the last record of its partition, unless the partition's end was reached.
bool BatchReader::ends_behind_last_record(const BatchInHand& batch) {
  return std::ranges::all_of(batch.claims(), [&](const core::Claim& claim) {
    const auto records = batch.records();
    const auto last = std::find_if(records.rbegin(), records.rend(), [&](const detail::RecordView& record) {
      return record.partition->name == claim.range.partition;
    });
    return last == records.rend() || claim.range.until == last->offset + 1 ||
           progress_.find(claim.range.partition)->is_at_end();
  });
}

BatchInHand BatchReader::cut() {
  TIDEMARK_EXPECTS(!in_hand_);
  TIDEMARK_INVARIANT(24, assembling_.records().size() == cutter_.records());
  auto batch = std::exchange(assembling_, std::exchange(spare_, {}));
  batch.set_claims(progress_.cut());
  TIDEMARK_INVARIANT(1, batch.is_covered() && ends_behind_last_record(batch));
  tell_of_gaps();
  batch.set_header_bytes(headers_.each());
  cutter_.reset();
  in_hand_ = true;
  return batch;
}

const BatchReader::Slot& BatchReader::slot_of(const rd_kafka_message_t& message, TimePoint now) {
  const SlotKey key{message.rkt, message.partition};
  if (last_slot_ != nullptr && key == last_key_) return *last_slot_;
  const auto [found, is_new] = slots_.try_emplace(key);
  if (is_new) {
    TopicPartition name{rd_kafka_topic_name(message.rkt), message.partition};
    const auto entry = names_.try_emplace(name, detail::RecordPartition{name, &source_}).first;
    auto* cursor = progress_.find(name);
    found->second = {cursor, &entry->second, cursor == nullptr ? nullptr : gates_.of(name, now)};
  }
  last_key_ = key;
  last_slot_ = &found->second;
  return found->second;
}

void BatchReader::forget_slots() {
  slots_.clear();
  last_slot_ = nullptr;
}

void BatchReader::recycle(BatchInHand batch) {
  batch.give_back(returns_);
  std::vector<TopicPartition> released;
  {
    const std::lock_guard lock{mutex_};
    TIDEMARK_EXPECTS(in_hand_);
    spare_ = std::move(batch);
    in_hand_ = false;
    for (auto& partition : std::exchange(forgotten_in_hand_, {}))
      if (!progress_.owns(partition)) released.push_back(std::move(partition));
  }
  release(std::move(released));
}

void BatchReader::stop() {
  const Visit visit{*this};
  stopped_ = true;
}

void BatchReader::look_at_flow() {
  const Visit visit{*this};
  forget_slots();
  gates_.set_limit(flow_.partition_limit(), std::chrono::steady_clock::now());
}

}  // namespace tidemark::engine
