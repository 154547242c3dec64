// Batches that were damaged on the broker's disk, of every codec.
//
// Not of a batch that ends in zeroes: librdkafka goes on reading there, and an assertion of its own aborts the process. See
// docs/guarantees.md.
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/log_segment.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr int batches = 4;
constexpr int records = 10;       // of each batch
constexpr int damaged_batch = 2;  // counted from 0
constexpr std::int64_t damaged_from = damaged_batch * records;

struct Damage {
  std::string name;
  std::function<void(LogSegment&, const LogSegment::Batch&)> inflict;
};

/// A value of the record at this offset. Long enough that no two codecs pack it into a few bytes, and none leaves it as it is.
std::string value_at(std::int64_t offset) {
  std::string value = fmt::format("record {} of the batch, ", offset);
  for (int i = 0; i < 40; ++i) value += fmt::format("{:x} ", (offset * 2654435761 + i * 40503) % 65521);
  return value;
}

/// Partition 0 has a damaged batch among its own, partition 1 is sound.
class DamagedTopic : public KafkaFixture {
 public:
  DamagedTopic(const std::string& codec, const Damage& damage) : KafkaFixture{2} {
    TestProducer writer{brokers, {{"compression.codec", codec}, {"linger.ms", "200"}}};
    for (std::int32_t partition = 0; partition < 2; ++partition)
      for (int batch = 0; batch < batches; ++batch) {
        for (int i = 0; i < records; ++i) writer.produce(topic, partition, std::nullopt, value_at(batch * records + i));
        writer.flush();
      }
    LogSegment segment{KafkaServer::shared().segment(topic, 0)};
    const auto found = segment.batches();
    REQUIRE(found.size() == batches);
    REQUIRE(found[damaged_batch].first_offset == damaged_from);
    damage.inflict(segment, found[damaged_batch]);
  }

  ConsumerOptions damaged_options(UnreadablePolicy policy) const {
    auto options = this->options();
    options.unreadable = policy;
    options.kafka["fetch.error.backoff.ms"] = "50";
    return options;
  }
};

/// Nothing altered, nothing twice, nothing that was never written.
void require_true_records(const Journal& journal) {
  for (const auto& record : journal.handled()) {
    CAPTURE(record.partition.partition, record.offset);
    REQUIRE(record.offset < batches * records);
    REQUIRE(record.value == value_at(record.offset));
  }
}

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all{
      {"altered records", [](LogSegment& segment, const auto& batch) { segment.flip_payload(batch); }},
      {"an altered checksum", [](LogSegment& segment, const auto& batch) { segment.flip_sum(batch); }},
      {"a length that is too short", [](LogSegment& segment, const auto& batch) { segment.shorten(batch); }}};
  return all;
}

}  // namespace

TEST_CASE("a damaged batch of any codec ends the consumer at its first record, and what came before is committed",
          "[world]") {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"})
    for (const auto& damage : damages()) {
      INFO(codec << ", " << damage.name);
      DamagedTopic scene{codec, damage};
      RunningConsumer consumer{scene.damaged_options(UnreadablePolicy::fail), scene.store};
      const auto error = consumer.error_at_end();
      CHECK_THAT(error, containing(fmt::format("{} [0]", scene.topic)));
      CHECK_THAT(error, containing(std::to_string(damaged_from)));
      CHECK(scene.stored(0) == damaged_from);
      CHECK(consumer.journal().offsets(scene.partition(0)) == sequence(0, damaged_from));
      require_true_records(consumer.journal());
    }
}

TEST_CASE("a damaged batch of any codec is passed over, if so asked, and the other partitions are read", "[world]") {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"})
    for (const auto& damage : damages()) {
      INFO(codec << ", " << damage.name);
      DamagedTopic scene{codec, damage};
      RunningConsumer consumer{scene.damaged_options(UnreadablePolicy::park), scene.store};
      consumer.await("the damage told",
                     [&] { return consumer.journal().has_line_with(fmt::format("[0] at {}:", damaged_from)); });
      consumer.await("the sound partition read", [&] { return scene.stored(1) == batches * records; });
      consumer.stop();
      CHECK(scene.stored(0) == damaged_from);
      CHECK(consumer.journal().offsets(scene.partition(0)) == sequence(0, damaged_from));
      CHECK(consumer.journal().offsets(scene.partition(1)) == sequence(0, batches * records));
      require_true_records(consumer.journal());
    }
}

TEST_CASE("records that do not unpack end the consumer, though the checksum holds", "[world]") {
  const Damage damage{"records that do not unpack",
                      [](LogSegment& segment, const auto& batch) { segment.break_frame(batch); }};
  for (const std::string codec : {"gzip", "snappy", "lz4", "zstd"}) {
    INFO(codec);
    DamagedTopic scene{codec, damage};
    RunningConsumer consumer{scene.damaged_options(UnreadablePolicy::fail), scene.store};
    const auto error = consumer.error_at_end();
    CHECK_THAT(error, containing(fmt::format("{} [0]", scene.topic)));
    CHECK(scene.stored(0) == damaged_from);
    CHECK(consumer.journal().offsets(scene.partition(0)) == sequence(0, damaged_from));
  }
}
