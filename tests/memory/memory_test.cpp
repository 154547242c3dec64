#include <cstddef>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace std::chrono_literals;
using namespace tidemark::test;

namespace {

constexpr std::size_t mega = 1 << 20;
// Code, librdkafka's own threads and buffers, and what malloc keeps.
constexpr std::size_t allowance = 32 * mega;

enum class Part { value, key, header };

struct Load {
  Part part;  ///< Where the bytes are. Another part has 10.
  std::size_t bytes;
  int partitions;
  int records;  ///< Of each partition.
};

std::string_view name_of(Part part) { return part == Part::value ? "values" : part == Part::key ? "keys" : "headers"; }

/// A topic that holds the load, filled when first asked for.
const std::string& topic_with(const Load& load) {
  static std::map<std::tuple<Part, std::size_t, int>, std::string> topics;
  auto& topic = topics[{load.part, load.bytes, load.partitions}];
  if (!topic.empty()) return topic;
  topic = unique_name("memory");
  const auto& brokers = KafkaServer::shared().brokers();
  KafkaAdmin{brokers}.create_topic(topic, load.partitions, {{"max.message.bytes", "2097152"}});
  TestProducer producer{brokers, {{"message.max.bytes", "2097152"}, {"linger.ms", "20"}, {"batch.size", "1000000"}}};
  const std::string heavy(load.bytes, 'v');
  const std::string light(10, 'v');
  TestRecord record{.topic = topic, .value = load.part == Part::value ? heavy : light};
  if (load.part == Part::key) record.key = heavy;
  if (load.part == Part::header) record.headers.emplace_back("h", heavy);
  int since_flush = 0;
  for (int i = 0; i < load.records; ++i)
    for (int partition = 0; partition < load.partitions; ++partition) {
      record.partition = partition;
      producer.produce(record);
      if (++since_flush * load.bytes < 16 * mega && since_flush < 50'000) continue;
      producer.flush();
      since_flush = 0;
    }
  producer.flush();
  return topic;
}

/// The most that a consumer had resident. Where keys or headers are heavy, its prefetch queue is bounded by what it logs as advice.
std::size_t peak_of(const Load& load, int workers, std::size_t budget, bool is_stuck) {
  Process::Options options;
  options.command = {TIDEMARK_MEMORY_CONSUMER,
                     KafkaServer::shared().brokers(),
                     topic_with(load),
                     std::to_string(workers),
                     std::to_string(budget),
                     std::to_string(load.records * load.partitions),
                     std::to_string(load.part == Part::value ? 0 : budget / workers / 8 * 3 / load.bytes)};
  if (is_stuck) options.command.push_back("stuck");
  Process process{options};
  const auto end = process.wait(120s);
  INFO(process.output());
  REQUIRE(end == ExitStatus{.code = 0});
  std::istringstream words{process.output()};
  std::string word;
  std::size_t kbytes = 0;
  words >> word >> kbytes;
  REQUIRE(word == "VmHWM");
  return kbytes * 1024;
}

}  // namespace

TEST_CASE("one memory_budget holds, whatever is read and however it is handled", "[memory]") {
  const auto load = GENERATE(Load{Part::value, 100, 1, 600'000}, Load{Part::value, 100, 64, 10'000},
                             Load{Part::value, mega - 500, 1, 150}, Load{Part::value, mega - 500, 64, 3},
                             Load{Part::key, 10'000, 1, 25'000}, Load{Part::header, 10'000, 1, 25'000},
                             Load{Part::header, 10'000, 16, 1'500});
  const int workers = GENERATE(1, 8);
  const bool is_stuck = GENERATE(false, true);
  const std::size_t budget = GENERATE(32 * mega, 64 * mega);
  const auto peak = peak_of(load, workers, budget, is_stuck);
  const auto text =
      fmt::format("{} partitions of {} records with {} of {} bytes, {} workers, budget {} MiB{}: {:.1f} MiB",
                  load.partitions, load.records, name_of(load.part), load.bytes, workers, budget / mega,
                  is_stuck ? ", stuck" : "", static_cast<double>(peak) / mega);
  INFO(text);
  CHECK(peak < budget + allowance);
}
