// librdkafka's functions about messages, queues and topics.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cluster/handles.hpp"

namespace simulation {
namespace {

struct Message {
  rd_kafka_message_t message{};
  Payload payload;
  std::array<char, 64> more{};
  std::string text = "simulated";
};

Time until(int timeout_ms) { return Scheduler::current()->now() + std::chrono::milliseconds{timeout_ms}; }

rd_kafka_message_t* make(const Toppar& toppar, rd_kafka_resp_err_t code, std::int64_t offset) {
  ++Handles::live;
  auto* made = new Message;
  made->message.err = code;
  made->message.rkt = toppar.topic;
  ++toppar.topic->messages;
  made->message.partition = toppar.name.partition;
  made->message.offset = offset;
  return &made->message;
}

bool is_record(const Queue::Item& item) { return item.message->err == RD_KAFKA_RESP_ERR_NO_ERROR; }

/// The machine may have better to do than to go on with the thread.
void look_away() {
  auto& scheduler = *Scheduler::current();
  scheduler.random().one_in(25) ? scheduler.pass(std::chrono::microseconds{scheduler.random().between(10, 20'000)})
                                : scheduler.give_way();
}

void count_as_consumed(const Queue::Item& item) { item.toppar->consumed = item.message->offset + 1; }

void void_before(const Queue::Item& barrier, std::vector<Queue::Item>& taken) {
  std::erase_if(taken, [&](const Queue::Item& item) {
    if (item.toppar != barrier.toppar || !item.is_outdated(barrier.version)) return false;
    rd_kafka_message_destroy(item.message);
    return true;
  });
}

}  // namespace

rd_kafka_topic_t* make_topic(const std::string& name) {
  ++Handles::live;
  return new rd_kafka_topic_t{name};
}

void release_topic(rd_kafka_topic_t* topic) {
  if (--topic->users > 0) return;
  --Handles::live;
  delete topic;
}

rd_kafka_message_t* make_message(const Toppar& toppar, const Entry& entry, int incarnation) {
  auto* message = make(toppar, RD_KAFKA_RESP_ERR_NO_ERROR, entry.offset);
  auto& payload = reinterpret_cast<Message*>(message)->payload;
  payload = {entry.offset, incarnation};
  message->payload = &payload;
  message->len = sizeof payload + static_cast<std::size_t>(entry.offset % 60);
  return message;
}

rd_kafka_message_t* make_error(const Toppar& toppar, rd_kafka_resp_err_t code, std::int64_t offset,
                               const std::string& text) {
  auto* message = make(toppar, code, offset);
  reinterpret_cast<Message*>(message)->text = text;
  return message;
}

}  // namespace simulation

using namespace simulation;

extern "C" {

void rd_kafka_message_destroy(rd_kafka_message_t* message) {
  --Handles::live;
  --message->rkt->messages;
  delete reinterpret_cast<Message*>(message);
}

const char* rd_kafka_message_errstr(const rd_kafka_message_t* message) {
  return reinterpret_cast<const Message*>(message)->text.c_str();
}

rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t*, rd_kafka_headers_t**) {
  return RD_KAFKA_RESP_ERR__NOENT;
}

int32_t rd_kafka_message_broker_id(const rd_kafka_message_t* message) { return broker_of(message->partition); }

size_t rd_kafka_header_cnt(const rd_kafka_headers_t*) { return 0; }

rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t*, size_t, const char**, const void**, size_t*) {
  return RD_KAFKA_RESP_ERR__NOENT;
}

int64_t rd_kafka_message_timestamp(const rd_kafka_message_t*, rd_kafka_timestamp_type_t* type) {
  *type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  return -1;
}

rd_kafka_topic_t* rd_kafka_topic_new(rd_kafka_t* client, const char* name, rd_kafka_topic_conf_t*) {
  auto* topic = client->topic(name);
  ++topic->users;
  return topic;
}

void rd_kafka_topic_destroy(rd_kafka_topic_t* topic) { release_topic(topic); }
const char* rd_kafka_topic_name(const rd_kafka_topic_t* topic) { return topic->name.c_str(); }

rd_kafka_queue_t* rd_kafka_queue_new(rd_kafka_t*) {
  ++Handles::live;
  return new rd_kafka_queue_t{std::make_shared<Queue>()};
}

rd_kafka_queue_t* rd_kafka_queue_get_consumer(rd_kafka_t* client) {
  ++Handles::live;
  return new rd_kafka_queue_t{client->main_queue()};
}

rd_kafka_queue_t* rd_kafka_queue_get_main(rd_kafka_t* client) { return rd_kafka_queue_get_consumer(client); }

rd_kafka_queue_t* rd_kafka_queue_get_partition(rd_kafka_t* client, const char* topic, int32_t partition) {
  ++Handles::live;
  return new rd_kafka_queue_t{client->toppar({topic, partition}).queue};
}

void rd_kafka_queue_destroy(rd_kafka_queue_t* queue) {
  --Handles::live;
  delete queue;
}

void rd_kafka_queue_forward(rd_kafka_queue_t* from, rd_kafka_queue_t* to) {
  Scheduler::current()->give_way();
  from->queue->forward(to == nullptr ? nullptr : to->queue);
}

size_t rd_kafka_queue_length(rd_kafka_queue_t* queue) { return queue->queue->length(); }

void rd_kafka_queue_yield(rd_kafka_queue_t* queue) { queue->queue->yield(); }

void rd_kafka_queue_cb_event_enable(rd_kafka_queue_t* queue, void (*on_arrival)(rd_kafka_t*, void*), void* opaque) {
  Scheduler::current()->give_way();
  queue->queue->on_arrival(on_arrival == nullptr ? std::function<void()>{} : [=] { on_arrival(nullptr, opaque); });
}

rd_kafka_event_t* rd_kafka_queue_poll(rd_kafka_queue_t* queue, int timeout_ms) {
  Scheduler::current()->give_way();
  const auto item = queue->queue->pop(until(timeout_ms));
  return item ? item->event : nullptr;
}

rd_kafka_message_t* rd_kafka_consume_queue(rd_kafka_queue_t* queue, int timeout_ms) {
  Scheduler::current()->give_way();
  const auto end = until(timeout_ms);
  while (const auto item = queue->queue->pop(end)) {
    if (item->is_barrier()) continue;
    look_away();
    if (is_record(*item)) count_as_consumed(*item);
    return item->message;
  }
  return nullptr;
}

// What was taken of a partition before it was assigned anew is handed out all the same. What was taken before it was held back is thrown
// away; in 2.0.x it counts as consumed nevertheless, and from 2.1.0 to 2.13.1 the end of a partition counts as a record.
ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t* queue, int timeout_ms, rd_kafka_message_t** messages,
                                     size_t size) {
  const bool counts_at_once = rd_kafka_version() < 0x020100ff;
  const bool counts_all = !counts_at_once && rd_kafka_version() < 0x020d02ff;
  const auto end = until(timeout_ms);
  std::vector<Queue::Item> taken;
  while (taken.size() < size) {
    look_away();
    const auto item = queue->queue->pop(end);
    if (!item) break;
    if (item->is_barrier()) {
      void_before(*item, taken);
      continue;
    }
    if (counts_at_once && is_record(*item)) count_as_consumed(*item);
    taken.push_back(*item);
  }
  for (const auto& item : taken) {
    const bool counts = !counts_at_once && (counts_all || is_record(item));
    if (counts && item.toppar->consumed.value_or(-1) <= item.message->offset) count_as_consumed(item);
    *messages++ = item.message;
  }
  return static_cast<ssize_t>(taken.size());
}

}  // extern "C"
