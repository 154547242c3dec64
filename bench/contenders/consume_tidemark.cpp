// The same with tidemark: offsets in a store, or in none to see what the store costs.
#include <tidemark/stores/file.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

#include <fmt/format.h>
#include <exception>
#include <memory>
#include <optional>

#include "contenders/meter.hpp"

namespace {

/// Commits nowhere: what is left is the engine.
class NoOffsets final : public tidemark::OffsetStore {
 public:
  std::vector<std::optional<std::int64_t>> load(const tidemark::GroupSession&,
                                                std::span<const tidemark::TopicPartition> partitions) override {
    return std::vector<std::optional<std::int64_t>>(partitions.size());
  }
  std::optional<tidemark::Conflict> commit(const tidemark::GroupSession&,
                                           std::span<const tidemark::OffsetRange>) override {
    return std::nullopt;
  }
};

std::unique_ptr<tidemark::OffsetStore> make_store(const tidemark::bench::ConsumeOptions& options) {
  if (options.store == "file") return std::make_unique<tidemark::FileOffsetStore>(options.offsets);
  if (options.store == "kafka") return std::make_unique<tidemark::KafkaOffsetStore>();
  return std::make_unique<NoOffsets>();
}

}  // namespace

int main(int argc, char** argv) try {
  const auto options = tidemark::bench::parse_options(argc, argv, fmt::format("tidemark {}", tidemark::version()));
  tidemark::bench::Meter meter{options};
  const auto store = make_store(options);

  std::optional<tidemark::MicroBatchConsumer<>> consumer;
  consumer.emplace(tidemark::ConsumerOptions{.brokers = options.brokers,
                                             .group = options.group,
                                             .topics = {options.topic},
                                             .batch = {.max_records = options.batch, .max_wait = options.max_wait},
                                             .concurrency = options.workers,
                                             .max_uncommitted_batches = options.ahead},
                   *store, [&](const tidemark::Batch<>& batch) {
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
