#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/recording_sink.hpp"
#include "engine/scene.hpp"

namespace tidemark::test {

/// Records with keys, in one large batch, and a sink.
struct KeyedScene : Scene {
  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();

  /// Keys "0", "1", … in turn, values as produce() has them. All are one batch.
  ConsumerOptions keyed(int records, int keys) {
    for (int i = 0; i < records; ++i) {
      const auto key = std::to_string(i % keys);
      const auto value = std::to_string(i);
      broker.produce({.topic = "orders", .partition = 0, .key = key, .value = value});
    }
    broker.flush();
    auto options = this->options();
    options.batch = {.max_records = static_cast<std::size_t>(records), .max_wait = std::chrono::hours{1}};
    options.dead_letters = sink;
    options.handler_retry.first_delay = options.handler_retry.max_delay = std::chrono::milliseconds{1};
    return options;
  }
};

}  // namespace tidemark::test
