#include "cluster/queue.hpp"

#include <utility>

#include "cluster/client.hpp"

namespace simulation {

Queue::~Queue() {
  for (const auto& item : items_) discard(item);
}

void Queue::discard(const Item& item) {
  if (item.toppar != nullptr && !item.is_barrier()) --item.toppar->queued;
  if (item.message != nullptr) rd_kafka_message_destroy(item.message);
  if (item.event != nullptr) rd_kafka_event_destroy(item.event);
}

void Queue::push(const Item& item) {
  if (to_) return to_->push(item);
  items_.push_back(item);
  arrived();
}

void Queue::push_barrier(Toppar& toppar) {
  if (to_) return to_->push_barrier(toppar);
  items_.push_front({nullptr, nullptr, &toppar, toppar.version});
  arrived();
}

void Queue::arrived() {
  if (items_.size() == 1 && on_arrival_) on_arrival_();
  Scheduler::current()->wake_all(this);
}

std::optional<Queue::Item> Queue::pop(Time until) {
  auto& scheduler = *Scheduler::current();
  const auto& process = Scheduler::thread()->process;
  const auto wall_until = until + process.wall_offset;
  const auto left = [&] { return wall_until - process.wall_offset - scheduler.now(); };
  while (true) {
    if (std::exchange(yields_, false)) return std::nullopt;
    while (!items_.empty()) {
      const auto item = items_.front();
      items_.pop_front();
      if (item.is_barrier()) return item;
      if (item.toppar != nullptr && item.is_outdated(item.toppar->version)) {
        discard(item);
        item.toppar->client->consumed(*item.toppar);
        continue;
      }
      if (item.toppar != nullptr) {
        --item.toppar->queued;
        item.toppar->client->consumed(*item.toppar);
      }
      return item;
    }
    if (left() <= Time{0} || (!scheduler.wait(this, scheduler.now() + left()) && left() <= Time{0}))
      return std::nullopt;
  }
}

void Queue::forward(std::shared_ptr<Queue> to) {
  to_ = std::move(to);
  if (!to_) return;
  for (const auto& item : std::exchange(items_, {})) to_->push(item);
}

void Queue::yield() {
  yields_ = true;
  if (items_.empty() && on_arrival_) on_arrival_();
  Scheduler::current()->wake_all(this);
}

}  // namespace simulation
