#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tidemark/options.hpp>
#include <tidemark/testing/embedded_broker.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "engine/handled.hpp"
#include "engine/recording_observer.hpp"
#include "engine/running.hpp"
#include "support/eventually.hpp"

namespace tidemark::test {

/// An embedded broker with the topic "orders" of three partitions, a store, and who keeps what the consumer does.
struct Scene {
  testing::EmbeddedBroker broker{{.topics = {{"orders", 3}}}};
  testing::MemoryOffsetStore store;
  Handled handled;
  std::shared_ptr<RecordingObserver> observer = std::make_shared<RecordingObserver>();

  static TopicPartition orders(std::int32_t partition) { return {"orders", partition}; }

  /// Explicit partitions, since a group's first member has to wait for seconds: the first `partitions` ones of "orders".
  ConsumerOptions options(std::int32_t partitions = 1) const {
    ConsumerOptions options;
    options.brokers = broker.brokers();
    options.group = "billing";
    for (std::int32_t i = 0; i < partitions; ++i) options.partitions.push_back(orders(i));
    options.batch.max_wait = std::chrono::milliseconds{20};
    options.observer = observer;
    options.kafka = {{"fetch.wait.max.ms", "10"}};
    return options;
  }

  /// The whole topic, as a member of the group.
  ConsumerOptions member_options() const {
    auto options = this->options(0);
    options.topics = {"orders"};
    options.kafka["session.timeout.ms"] = "3000";
    options.kafka["heartbeat.interval.ms"] = "100";
    return options;
  }

  /// Records with the values "0", "1", … and returns when they have arrived.
  void produce(std::int32_t partition, int count) {
    for (int i = 0; i < count; ++i) {
      const auto value = std::to_string(i);
      broker.produce({.topic = "orders", .partition = partition, .value = value});
    }
    broker.flush();
  }

  std::optional<std::int64_t> stored(std::int32_t partition = 0) {
    const auto asked = orders(partition);
    return store.load({"billing"}, {&asked, 1}).front();
  }

  [[nodiscard]] bool reaches(std::int64_t next, std::int32_t partition = 0) {
    return eventually([&] { return stored(partition) == next; }, patience);
  }

  void reset(std::int32_t partition, std::int64_t next) {
    const StoredOffset offset{orders(partition), next};
    store.overwrite("billing", {&offset, 1});
  }
};

}  // namespace tidemark::test
