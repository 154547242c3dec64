#include "kafka/queue_waiter.hpp"

namespace tidemark::kafka {

QueueWaiter::QueueWaiter(rd_kafka_queue_t* queue) : queue_{queue} {
  rd_kafka_queue_cb_event_enable(queue_, on_arrival, this);
}

/// The call takes the lock that on_arrival() is called under: none is under way afterwards.
QueueWaiter::~QueueWaiter() { rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr); }

QueueWaiter::End QueueWaiter::wait_until(TimePoint deadline) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, deadline, [this] { return arrived_ || called_; });
  if (called_.exchange(false)) return End::call;  // an arrival keeps for the next wait
  return arrived_.exchange(false) ? End::arrival : End::time;
}

void QueueWaiter::wake() { raise(called_); }

/// Called with the queue's lock held, so this must not touch the queue; and no reader of the queue holds our mutex meanwhile (invariant 42).
void QueueWaiter::on_arrival(rd_kafka_t* /*client*/, void* self) noexcept {
  auto& waiter = *static_cast<QueueWaiter*>(self);
  waiter.raise(waiter.arrived_);
}

void QueueWaiter::raise(std::atomic<bool>& flag) {
  if (flag.exchange(true)) return;  // whoever raised it notifies, and nobody has waited since
  {
    // A waiter that has just found nothing raised is past its look and in its wait once we have had the mutex.
    const std::lock_guard lock{mutex_};
  }
  changed_.notify_one();
}

}  // namespace tidemark::kafka
