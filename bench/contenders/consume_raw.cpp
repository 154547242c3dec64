// librdkafka by itself, as fast as its manual allows: one queue, read in batches, each payload touched, no offsets kept.
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "contenders/meter.hpp"

namespace {

using tidemark::bench::ConsumeOptions;
using tidemark::bench::Meter;

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> error{};
  if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) == RD_KAFKA_CONF_OK) return;
  std::fprintf(stderr, "%s\n", error.data());
  std::exit(1);
}

rd_kafka_t* make_client(const ConsumeOptions& options) {
  auto* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", options.brokers.c_str());
  set(conf, "group.id", options.group.c_str());
  set(conf, "enable.auto.commit", "false");
  set(conf, "auto.offset.reset", "earliest");
  if (options.settings == "equal") {
    set(conf, "queued.max.messages.kbytes", "32768");
    set(conf, "fetch.max.bytes", "4194304");
    set(conf, "queued.min.messages", "65536");
    if (rd_kafka_version() >= 0x02020000) set(conf, "fetch.queue.backoff.ms", "2");
  }
  std::array<char, 512> error{};
  auto* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (client == nullptr) {
    std::fprintf(stderr, "%s\n", error.data());
    std::exit(1);
  }
  rd_kafka_poll_set_consumer(client);
  return client;
}

/// What is there; if that is nothing, the first message to come, and what came with it.
std::size_t read_first(rd_kafka_queue_t* queue, std::vector<rd_kafka_message_t*>& messages) {
  const auto count = rd_kafka_consume_batch_queue(queue, 0, messages.data(), messages.size());
  if (count > 0) return static_cast<std::size_t>(count);
  messages[0] = rd_kafka_consume_queue(queue, 1000);
  if (messages[0] == nullptr) return 0;
  const auto more = rd_kafka_consume_batch_queue(queue, 0, messages.data() + 1, messages.size() - 1);
  return 1 + static_cast<std::size_t>(more > 0 ? more : 0);
}

std::size_t read_batch(rd_kafka_queue_t* queue, std::vector<rd_kafka_message_t*>& messages) {
  const auto count = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
  return static_cast<std::size_t>(count > 0 ? count : 0);
}

void consume(rd_kafka_queue_t* queue, const ConsumeOptions& options, Meter& meter) {
  std::vector<rd_kafka_message_t*> messages(options.batch);
  const auto read = options.read == "first" ? read_first : read_batch;
  bool done = false;
  while (!done || options.stay) {
    const auto count = read(queue, messages);
    if (count == 0) continue;
    Meter::Pass pass{meter};
    for (std::size_t i = 0; i < count; ++i)
      if (messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        pass.record(static_cast<const char*>(messages[i]->payload), messages[i]->len);
    done = pass.finish();
    for (std::size_t i = 0; i < count; ++i) rd_kafka_message_destroy(messages[i]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = tidemark::bench::parse_options(argc, argv, std::string{"librdkafka "} + rd_kafka_version_str());
  Meter meter{options};
  auto* client = make_client(options);
  auto* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options.topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client, topics);
  auto* queue = rd_kafka_queue_get_consumer(client);
  consume(queue, options, meter);
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_partition_list_destroy(topics);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
}
