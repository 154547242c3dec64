#include "stores/kafka/commit_order.hpp"

#include <algorithm>

namespace tidemark::kafka {

CommitOrder::~CommitOrder() {
  freeing_ = {};
  entries_.clear();  // without the lock: an answer that arrives now takes it
}

std::optional<CommitOrder::Unanswered> CommitOrder::wait_for_earlier(const rd_kafka_t& consumer,
                                                                     std::span<const OffsetRange> ranges,
                                                                     Clock::time_point deadline,
                                                                     const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  if (entries_.empty()) return std::nullopt;
  const std::string name = rd_kafka_name(&consumer);
  std::optional<Unanswered> earlier;
  changed_.wait_until(lock, stop, deadline, [&] { return !(earlier = earlier_than(name, ranges)); });
  return earlier;
}

void CommitOrder::leave(const rd_kafka_t& consumer, std::span<const OffsetRange> ranges, QueueHandle answers) {
  const std::shared_ptr<Entry> entry{new Entry{.order = *this,
                                               .consumer = rd_kafka_name(&consumer),
                                               .ranges = {ranges.begin(), ranges.end()},
                                               .left_at = Clock::now(),
                                               .answers = std::move(answers)}};
  {
    const std::lock_guard lock{mutex_};
    entries_.push_back(entry);
    if (!freeing_.joinable()) freeing_ = std::jthread{[this](const std::stop_token& stop) { free_answered(stop); }};
  }
  rd_kafka_queue_cb_event_enable(entry->answers.get(), &CommitOrder::on_answer, entry.get());
  // The callback is for answers that come from now on. One may have come since the caller looked.
  if (const EventHandle answer{rd_kafka_queue_poll(entry->answers.get(), 0)}) on_answer(nullptr, entry.get());
}

/// Called by librdkafka's threads, which hold the queue's lock: nothing of librdkafka's may be called here.
void CommitOrder::on_answer(rd_kafka_t*, void* opaque) {
  auto& entry = *static_cast<Entry*>(opaque);
  auto& order = entry.order;
  const std::lock_guard lock{order.mutex_};
  entry.answered = true;
  order.changed_.notify_all();
}

std::optional<CommitOrder::Unanswered> CommitOrder::earlier_than(const std::string& consumer,
                                                                 std::span<const OffsetRange> ranges) const {
  for (const auto& entry : entries_) {
    if (entry->answered || entry->consumer != consumer) continue;
    for (const auto& range : ranges) {
      const auto found = std::ranges::find(entry->ranges, range.partition, &OffsetRange::partition);
      if (found == entry->ranges.end()) continue;
      return Unanswered{range.partition, found->until,
                        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - entry->left_at)};
    }
  }
  return std::nullopt;
}

/// The answers are freed soon, because they refer to the consumer's partitions: rd_kafka_destroy() would wait for them.
void CommitOrder::free_answered(const std::stop_token& stop) {
  const auto is_answered = [](const std::shared_ptr<Entry>& entry) { return entry->answered; };
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [&] { return std::ranges::any_of(entries_, is_answered); })) {
    std::list<std::shared_ptr<Entry>> answered;
    for (auto it = entries_.begin(); it != entries_.end();) {
      const auto next = std::next(it);
      if (is_answered(*it)) answered.splice(answered.end(), entries_, it);
      it = next;
    }
    lock.unlock();
    answered.clear();  // without the lock: it takes the queue's lock, which on_answer() is called with
    lock.lock();
  }
}

}  // namespace tidemark::kafka
