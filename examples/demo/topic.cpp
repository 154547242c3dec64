// Creates or deletes a topic of a real cluster.

#include <array>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "kafka_client.hpp"

namespace {

constexpr int answer_timeout_ms = 30'000;

using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using DeleteTopic = std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy<rd_kafka_DeleteTopic_destroy>>;

Event answer(const Queue& queue) {
  Event event{rd_kafka_queue_poll(queue.get(), answer_timeout_ms)};
  if (!event) throw std::runtime_error{"the cluster does not answer"};
  if (rd_kafka_event_error(event.get())) throw std::runtime_error{rd_kafka_event_error_string(event.get())};
  return event;
}

/// The result is for the one topic that was asked for.
void check(const rd_kafka_topic_result_t* const* results, std::size_t count) {
  if (count == 1 && rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* why = count == 1 ? rd_kafka_topic_result_error_string(results[0]) : nullptr;
  throw std::runtime_error{why ? why : "the cluster refused"};
}

void create(const KafkaClient& client, const Queue& queue, const char* name, int partitions) {
  std::array<char, 256> why{};
  constexpr int brokers_default = -1;
  NewTopic topic{rd_kafka_NewTopic_new(name, partitions, brokers_default, why.data(), why.size())};
  if (!topic) throw std::runtime_error{why.data()};
  auto* topics = topic.get();
  rd_kafka_CreateTopics(client.handle(), &topics, 1, nullptr, queue.get());
  const auto event = answer(queue);
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  check(results, count);
}

void remove(const KafkaClient& client, const Queue& queue, const char* name) {
  DeleteTopic topic{rd_kafka_DeleteTopic_new(name)};
  auto* topics = topic.get();
  rd_kafka_DeleteTopics(client.handle(), &topics, 1, nullptr, queue.get());
  const auto event = answer(queue);
  std::size_t count = 0;
  const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  check(results, count);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (!(verb == "create" && argc == 5) && !(verb == "delete" && argc == 4)) {
    std::cerr << "usage: " << argv[0] << " create BROKERS TOPIC PARTITIONS\n       " << argv[0]
              << " delete BROKERS TOPIC\n";
    return 2;
  }
  try {
    const KafkaClient client{argv[2]};
    const Queue queue{rd_kafka_queue_new(client.handle())};
    if (verb == "create")
      create(client, queue, argv[3], std::stoi(argv[4]));
    else
      remove(client, queue, argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "topic: cannot " << verb << " " << argv[3] << ": " << error.what() << '\n';
    return 1;
  }
}
