// librdkafka by itself, as fast as its manual allows: one queue, read in batches, each payload touched, no offsets kept.
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "contenders/contender.hpp"

namespace {

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> error{};
  if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) == RD_KAFKA_CONF_OK) return;
  std::fprintf(stderr, "%s\n", error.data());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = tidemark::bench::parse_options(argc, argv);
  auto* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", options.brokers.c_str());
  set(conf, "group.id", options.group.c_str());
  set(conf, "enable.auto.commit", "false");
  set(conf, "auto.offset.reset", "earliest");

  std::array<char, 512> error{};
  auto* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (client == nullptr) {
    std::fprintf(stderr, "%s\n", error.data());
    return 1;
  }
  rd_kafka_poll_set_consumer(client);
  auto* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options.topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client, topics);
  auto* queue = rd_kafka_queue_get_consumer(client);

  tidemark::bench::Stopwatch stopwatch;
  std::vector<rd_kafka_message_t*> messages(options.batch);
  bool done = false;
  while (!done) {
    const auto count = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
    std::size_t records = 0;
    std::uint64_t checksum = 0;
    for (ssize_t i = 0; i < count; ++i) {
      const auto& message = *messages[static_cast<std::size_t>(i)];
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++records;
        checksum += static_cast<const unsigned char*>(message.payload)[message.len / 2];
      }
    }
    tidemark::bench::work(std::chrono::nanoseconds{options.work_ns * records});
    if (records > 0) done = stopwatch.add(records, checksum, options.records);
    for (ssize_t i = 0; i < count; ++i) rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
  }
  stopwatch.print();
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_partition_list_destroy(topics);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
}
