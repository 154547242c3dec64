// Two brokers, of which one is dead when a consumer starts.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/kafka_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr int records = 50;
constexpr int partitions = 4;

/// A topic with two partitions on each of two brokers. The groups' coordinator is the first broker: its topic was made while that was
/// the only one.
struct TwoBrokers {
  KafkaServer first{{{"offsets.topic.num.partitions", "1"}}};
  std::unique_ptr<KafkaServer> second;
  std::unique_ptr<KafkaFixture> scene;
  std::vector<std::int32_t> on_first;
  std::vector<std::int32_t> on_second;

  TwoBrokers() {
    REQUIRE(eventually([&] { return has_coordinator(); }, 30s));
    second = std::make_unique<KafkaServer>(first, 2);
    scene = std::make_unique<KafkaFixture>(first.brokers(), partitions);
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      scene->fill(partition, records);
      (scene->admin.leader(scene->topic, partition) == 1 ? on_first : on_second).push_back(partition);
    }
    REQUIRE(on_first.size() == 2);
    second->kill();
    REQUIRE(eventually([&] { return scene->admin.leader(scene->topic, on_second.front()) == -1; }, 30s));
  }

  /// Asking makes its topic, and is refused until that is there.
  [[nodiscard]] bool has_coordinator() const {
    try {
      KafkaAdmin{first.brokers()}.committed_offset("group", "none", 0);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  [[nodiscard]] bool are_read(const std::vector<std::int32_t>& numbers, std::int64_t until) const {
    for (const auto number : numbers)
      if (scene->stored(number) != until) return false;
    return true;
  }
};

void reads_what_has_a_leader(TwoBrokers& brokers, const ConsumerOptions& options) {
  auto& scene = *brokers.scene;
  RunningConsumer consumer{options, scene.store};
  consumer.await("the living broker's partitions read", [&] { return brokers.are_read(brokers.on_first, records); });
  for (const auto number : brokers.on_second) {
    CHECK_FALSE(scene.stored(number));
    consumer.await("the other ones named",
                   [&] { return consumer.journal().has_line_with(fmt::format("{} [{}]", scene.topic, number)); });
  }
  scene.fill(brokers.on_first.front(), records, records);
  consumer.await("what is written meanwhile is read",
                 [&] { return scene.stored(brokers.on_first.front()) == 2 * records; });

  brokers.second->start();
  consumer.await(
      "the other broker's partitions read", [&] { return brokers.are_read(brokers.on_second, records); }, 60s);
  consumer.stop();
  for (const auto number : brokers.on_second)
    CHECK(consumer.journal().offsets(scene.partition(number)) == sequence(0, records));
  CHECK(consumer.journal().offsets(scene.partition(brokers.on_first.front())) == sequence(0, 2L * records));
  require_unbroken_chains(consumer.journal());
}

}  // namespace

TEST_CASE("partitions of a dead broker hold up no others of a group, and are read once it is back", "[world]") {
  TwoBrokers brokers;
  reads_what_has_a_leader(brokers, brokers.scene->options());
}

TEST_CASE("partitions of a dead broker hold up no others that are given one by one", "[world]") {
  TwoBrokers brokers;
  auto options = brokers.scene->options();
  options.topics.clear();
  for (std::int32_t partition = 0; partition < partitions; ++partition)
    options.partitions.push_back(brokers.scene->partition(partition));
  reads_what_has_a_leader(brokers, options);
}

TEST_CASE("a consumer of a dead broker's partitions alone waits for it up to its connect_timeout, and says so",
          "[world]") {
  TwoBrokers brokers;
  auto& scene = *brokers.scene;
  auto options = scene.options();
  options.topics.clear();
  for (const auto number : brokers.on_second) options.partitions.push_back(scene.partition(number));
  options.connect_timeout = 2min;
  RunningConsumer consumer{options, scene.store};
  for (const auto number : brokers.on_second)
    consumer.await("they are named",
                   [&] { return consumer.journal().has_line_with(fmt::format("{} [{}]", scene.topic, number)); });

  auto hasty = options;
  hasty.connect_timeout = 2s;
  MicroBatchConsumer<> ends{hasty, scene.store, [](const Batch<>&) {}};
  CHECK_THROWS_WITH(ends.run(), containing("a leader of " + scene.topic) && containing("within 2000 ms"));

  brokers.second->start();
  consumer.await(
      "they are read", [&] { return brokers.are_read(brokers.on_second, records); }, 60s);
  consumer.stop();
}
