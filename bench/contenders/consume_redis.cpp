// The same with tidemark and offsets in Redis: --offsets is the URL.
#include <tidemark/stores/redis.hpp>
#include <tidemark/tidemark.hpp>

#include <fmt/format.h>
#include <exception>
#include <optional>

#include "contenders/meter.hpp"

int main(int argc, char** argv) try {
  const auto options = tidemark::bench::parse_options(argc, argv, fmt::format("tidemark {}", tidemark::version()));
  tidemark::bench::Meter meter{options};
  tidemark::RedisOffsetStore store{options.offsets};

  std::optional<tidemark::MicroBatchConsumer<>> consumer;
  consumer.emplace(tidemark::ConsumerOptions{.brokers = options.brokers,
                                             .group = options.group,
                                             .topics = {options.topic},
                                             .batch = {.max_records = options.batch, .max_wait = options.max_wait},
                                             .concurrency = options.workers,
                                             .max_uncommitted_batches = options.ahead},
                   store, [&](const tidemark::Batch<>& batch) {
                     tidemark::bench::Meter::Pass pass{meter};
                     for (const auto& record : batch) {
                       const auto value = record.value();
                       pass.record(value.data(), value.size());
                     }
                     if (pass.finish() && !options.stay) consumer->stop();
                   });
  consumer->run();
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
