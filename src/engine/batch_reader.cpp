#include "engine/batch_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/batch_division.hpp"
#include "kafka/known_end.hpp"

namespace tidemark::engine {
namespace {

// While nothing arrives: how often a worker looks up all the same. Whoever wants it earlier wakes the lane.
constexpr std::chrono::milliseconds idle_wait{1000};

// While a batch fills: how often its bytes are counted, since librdkafka fills up to a number of records only.
constexpr std::chrono::milliseconds filling_wait{10};

// What one read from the lane may bring at the most, whatever the batch's size: few enough that their messages are still in the processor's
// cache when they are looked at, and that memory stays bounded by bytes soon.
constexpr std::size_t read_at_once = 1'000;

}  // namespace

class BatchReader::Visit {
 public:
  explicit Visit(BatchReader& reader) : reader_{reader}, lock_{reader.mutex_, std::try_to_lock} {
    if (lock_.owns_lock()) return;
    ++reader_.visitors_;
    reader_.lane_.wake();
    lock_.lock();
    --reader_.visitors_;
  }
  ~Visit() {
    lock_.unlock();
    reader_.visitors_gone_.notify_one();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  BatchReader& reader_;
  std::unique_lock<std::mutex> lock_;
};

BatchReader::BatchReader(rd_kafka_t* client, const BatchLimits& limits, const kafka::FetchWaker& waker,
                         Mailbox& mailbox, const Notifier& notifier)
    : client_{client},
      lane_{client},
      waker_{waker},
      mailbox_{mailbox},
      notifier_{notifier},
      cutter_{limits},
      fetched_{std::min(limits.max_records, read_at_once)} {}

std::optional<BatchInHand> BatchReader::read() {
  std::unique_lock lock{mutex_};
  while (true) {
    visitors_gone_.wait(lock, [this] { return visitors_ == 0; });
    if (stopped_) return std::nullopt;
    auto now = std::chrono::steady_clock::now();
    assemble(now);
    if (cutter_.closed(now)) {
      end_wait(now);
      return cut();
    }
    fetch(now);
  }
}

void BatchReader::fetch(TimePoint now) {
  const auto room = cutter_.room();
  if (read_what_is_there(room, now)) return;
  if (visitors_ > 0 || stopped_) return;
  waker_.before_wait(now);
  watch_for_stall(now);
  const auto deadline = cutter_.deadline();
  if (!deadline) {
    const auto wait = stall_.is_undecided() ? core::StallMeter::limit : idle_wait;
    fetched_.add(lane_.wait_for_first(fetched_.room(1), wait));
    if (!fetched_.empty() && room > 1) read_what_is_there(room - 1, now);
    return;
  }
  // The batch is begun: let it fill until its time is over. Rounded up, lest the last millisecond is spent spinning.
  const auto left = std::min(std::chrono::ceil<std::chrono::milliseconds>(*deadline - now), filling_wait);
  if (left.count() > 0) fetched_.add(lane_.read(fetched_.room(room), left));
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
  const auto count = lane_.read(fetched_.room(room), std::chrono::milliseconds{0});
  if (count == 0) return false;
  fetched_.add(count);
  waker_.on_read(now);
  return true;
}

void BatchReader::assemble(TimePoint now) {
  if (!fetched_.empty()) end_wait(now);
  while (!fetched_.empty() && accept(fetched_.front(), now)) fetched_.pop();
}

bool BatchReader::accept(rd_kafka_message_t* message, TimePoint now) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const kafka::MessageHandle owned{message};
    accept_error(message, now);
    return true;
  }
  const auto bytes = message->len + message->key_len;
  if (!cutter_.admits(bytes)) {
    cutter_.close();
    return false;
  }
  const auto& slot = slot_of(*message);
  if (slot.cursor == nullptr || !slot.cursor->take(message->offset)) {
    rd_kafka_message_destroy(message);
    return true;
  }
  cutter_.add(bytes, now);
  assembling_.add(message, *slot.partition);
  return true;
}

void BatchReader::accept_error(rd_kafka_message_t* message, TimePoint now) {
  if (message->rkt == nullptr) return notifier_->on_error(rd_kafka_message_errstr(message));
  const auto& slot = slot_of(*message);
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (slot.cursor != nullptr && slot.cursor->reach_end(message->offset)) cutter_.advance(now);
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: {
      // One from before a reposition says nothing about the new position.
      if (slot.cursor == nullptr || !slot.cursor->is_open() || message->offset < slot.cursor->next()) return;
      slot.cursor->pause();
      out_of_range_[slot.partition->name] = message->offset;
      cutter_.advance(now);
      return post_parked();
    }
    default:
      notifier_->on_error(fmt::format("{} [{}]: {}", rd_kafka_topic_name(message->rkt), message->partition,
                                      rd_kafka_message_errstr(message)));
  }
}

BatchInHand BatchReader::cut() {
  auto batch = std::exchange(assembling_, std::exchange(spare_, {}));
  batch.set_claims(progress_.cut());
  cutter_.reset();
  in_hand_ = true;
  return batch;
}

const BatchReader::Slot& BatchReader::slot_of(const rd_kafka_message_t& message) {
  const SlotKey key{message.rkt, message.partition};
  if (last_slot_ != nullptr && key == last_key_) return *last_slot_;
  const auto [found, is_new] = slots_.try_emplace(key);
  if (is_new) {
    TopicPartition name{rd_kafka_topic_name(message.rkt), message.partition};
    const auto entry = names_.try_emplace(name, detail::RecordPartition{name, &source_}).first;
    found->second = {progress_.find(name), &entry->second};
  }
  last_key_ = key;
  last_slot_ = &found->second;
  return found->second;
}

void BatchReader::forget_slots() {
  slots_.clear();
  last_slot_ = nullptr;
}

void BatchReader::post_parked() {
  for (auto it = out_of_range_.begin(); it != out_of_range_.end();) {
    const auto* cursor = progress_.find(it->first);
    if (cursor != nullptr && !cursor->is_settled()) {
      ++it;
      continue;
    }
    if (cursor != nullptr) mailbox_.post(message::Parked{it->first, cursor->committed(), it->second});
    it = out_of_range_.erase(it);
  }
}

void BatchReader::recycle(BatchInHand batch) {
  batch.clear();
  std::vector<TopicPartition> released;
  {
    const std::lock_guard lock{mutex_};
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

void BatchReader::own(const core::PartitionStart& start) {
  const Visit visit{*this};
  forget_slots();
  undo(start.partition);
  fetched_.remove(start.partition);
  out_of_range_.erase(start.partition);
  progress_.own(start.partition, start.stored, start.next);
  lane_.forward(start.partition);
  // A start that the store does not know yet is committed soon, even if no record comes.
  if (start.stored != start.next) cutter_.advance(std::chrono::steady_clock::now());
}

// What was fetched before is thrown away, and fetched again. Were it taken instead, its partition would be put back below the next record
// to read, and should that position be gone by then, the error would look like an old one: nothing would be read any more.
std::vector<core::PartitionStart> BatchReader::forward_all_but(const TopicPartition& partition) {
  const Visit visit{*this};
  auto others = progress_.positions();
  std::erase_if(others, [&](const core::PartitionStart& other) { return other.partition == partition; });
  for (const auto& other : others) {
    fetched_.remove(other.partition);
    lane_.forward(other.partition);
  }
  return others;
}

std::vector<TopicPartition> BatchReader::close(std::span<const TopicPartition> partitions) {
  const Visit visit{*this};
  forget_slots();
  std::vector<TopicPartition> gone;
  for (const auto& partition : partitions) {
    undo(partition);
    if (progress_.close(partition)) gone.push_back(partition);
  }
  return gone;
}

std::vector<TopicPartition> BatchReader::forget(std::span<const TopicPartition> partitions) {
  const Visit visit{*this};
  forget_slots();
  for (const auto& partition : partitions) {
    undo(partition);
    progress_.forget(partition);
  }
  if (!in_hand_) return {partitions.begin(), partitions.end()};
  forgotten_in_hand_.insert(forgotten_in_hand_.end(), partitions.begin(), partitions.end());
  return {};
}

void BatchReader::park(const TopicPartition& partition) {
  const Visit visit{*this};
  undo(partition);
  progress_.park(partition);
}

BatchInHand BatchReader::divide(BatchInHand& batch, std::size_t records) {
  const Visit visit{*this};
  return engine::divide(batch, records, progress_);
}

std::vector<core::Claim> BatchReader::valid(std::span<const core::Claim> claims) {
  const Visit visit{*this};
  return progress_.valid(claims);
}

std::vector<core::Claim> BatchReader::leaving(std::span<const core::Claim> claims) {
  const Visit visit{*this};
  return progress_.leaving(claims);
}

void BatchReader::settle(std::span<const core::Claim> claims) {
  std::vector<TopicPartition> gone;
  {
    const Visit visit{*this};
    gone = progress_.settle(claims);
    if (!gone.empty()) forget_slots();
    post_parked();
  }
  release(std::move(gone));
}

void BatchReader::drop(std::span<const core::Claim> claims) {
  std::vector<TopicPartition> gone;
  {
    const Visit visit{*this};
    gone = progress_.drop(claims);
    if (!gone.empty()) forget_slots();
  }
  release(std::move(gone));
}

std::vector<core::PartitionStart> BatchReader::positions() {
  const Visit visit{*this};
  return progress_.positions();
}

void BatchReader::undo(const TopicPartition& partition) {
  const auto removed = assembling_.remove(partition);
  cutter_.remove(removed.records, removed.bytes);
}

void BatchReader::release(std::vector<TopicPartition> partitions) {
  if (!partitions.empty()) mailbox_.post(message::Released{std::move(partitions)});
}

}  // namespace tidemark::engine
