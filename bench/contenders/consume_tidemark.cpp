// The same with tidemark: offsets in a store, or in none to see what the store costs.
#include <tidemark/dead_letters/json_lines.hpp>
#include <tidemark/stores/file.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/tidemark.hpp>

#include <fmt/format.h>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

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

/// What a value of 100 bytes is decoded to.
struct Fixed {
  std::uint32_t number[2];
  char text[92];
};
static_assert(sizeof(Fixed) == 100);

tidemark::ConsumerOptions options_of(const tidemark::bench::ConsumeOptions& options) {
  tidemark::ConsumerOptions made{.brokers = options.brokers,
                                 .group = options.group,
                                 .topics = {options.topic},
                                 .batch = {.max_records = options.batch, .max_wait = options.max_wait},
                                 .concurrency = options.workers,
                                 .max_uncommitted_batches = options.ahead};
  if (options.handling != "guarded") return made;
  constexpr std::size_t never = 1'000'000'000;
  made.handler_retry = {.attempts = 5, .when_exhausted = tidemark::WhenExhausted::isolate};
  made.dead_letters = std::make_shared<tidemark::JsonLinesDeadLetters>(options.offsets + ".dead");
  made.rate_limit = {.records_per_second = never, .bytes_per_second = never};
  made.partition_rate_limit = made.rate_limit;
  return made;
}

/// `T` is what values are decoded to, `data_of` where the bytes of one are.
template <class T, class DataOf>
void consume(const tidemark::bench::ConsumeOptions& options, tidemark::bench::Meter& meter, const DataOf& data_of) {
  const auto store = make_store(options);
  std::optional<tidemark::MicroBatchConsumer<T>> consumer;
  consumer.emplace(options_of(options), *store, [&](const tidemark::Batch<T>& batch) {
    tidemark::bench::Meter::Pass pass{meter};
    for (const auto& record : batch) {
      const auto [data, size] = data_of(record);
      pass.record(data, size);
    }
    if (pass.finish() && !options.stay) consumer->stop();
  });
  consumer->run();
}

}  // namespace

template <>
struct tidemark::Decoder<Fixed> {
  void operator()(const Record<>& record, Fixed& into) const {
    const auto value = record.value();
    if (value.size() != sizeof(Fixed)) throw DecodeError{"not a Fixed"};
    std::memcpy(&into, value.data(), sizeof into);
  }
};

int main(int argc, char** argv) try {
  const auto options = tidemark::bench::parse_options(argc, argv, fmt::format("tidemark {}", tidemark::version()));
  tidemark::bench::Meter meter{options};
  if (options.handling == "typed")
    consume<Fixed>(options, meter, [](const tidemark::Record<Fixed>& record) {
      return std::pair{reinterpret_cast<const char*>(&record.value()), sizeof(Fixed)};
    });
  else
    consume<tidemark::Bytes>(options, meter, [](const tidemark::Record<>& record) {
      const auto value = record.value();
      return std::pair{value.data(), value.size()};
    });
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
