#include "kafka/trouble.hpp"

namespace tidemark::kafka {

void Trouble::hear(rd_kafka_t& client) {
  const QueueHandle events{rd_kafka_queue_get_main(&client)};
  while (const EventHandle event{rd_kafka_queue_poll(events.get(), 0)}) note(*event);
}

void Trouble::note(rd_kafka_event_t& event) {
  if (rd_kafka_event_type(&event) != RD_KAFKA_EVENT_ERROR) return;
  const auto code = rd_kafka_event_error(&event);
  // That all brokers are down is said beside what happened to each of them, which tells more.
  const auto sums_up = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  const std::lock_guard lock{mutex_};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !(sums_up && cause_)) cause_ = {code, rd_kafka_event_error_string(&event)};
}

void Trouble::forget() {
  const std::lock_guard lock{mutex_};
  cause_.reset();
}

std::optional<Trouble::Cause> Trouble::cause() const {
  const std::lock_guard lock{mutex_};
  return cause_;
}

}  // namespace tidemark::kafka
