#include <atomic>

#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/embedded_broker.hpp>

#include "engine/handled.hpp"
#include "redis/redis_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

struct ConsumerFixture : RedisFixture {
  ConsumerFixture() { options.partitions = {{"orders", 0}}; }

  void produce(int count) {
    for (int i = 0; i < count; ++i) broker.produce({.topic = "orders", .partition = 0, .value = "v"});
    broker.flush();
  }
  [[nodiscard]] bool reaches(std::int64_t until) {
    return eventually([&] { return next() == until; }, patience);
  }

  testing::EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  Handled handled;
  ConsumerOptions options{.brokers = broker.brokers(), .group = "billing", .kafka = {{"fetch.wait.max.ms", "10"}}};
};

}  // namespace

TEST_CASE("what redis-cli sets back is taken up within store_poll_interval, though no record comes", "[redis]") {
  ConsumerFixture fixture;
  fixture.produce(100);
  fixture.options.store_poll_interval = 50ms;
  MicroBatchConsumer<> consumer{fixture.options, *fixture.store, std::ref(fixture.handled)};
  Running running{consumer};
  REQUIRE(fixture.reaches(100));
  fixture.probe("HSET", fixture.key, "0", "40");
  REQUIRE(fixture.handled.reaches(160));
  REQUIRE(fixture.reaches(100));
  running.stop();
  auto expected = offsets_between(0, 100);
  for (const auto offset : offsets_between(40, 100)) expected.push_back(offset);
  CHECK(fixture.handled.offsets({"orders", 0}) == expected);
}

TEST_CASE("what redis-cli sets forward is taken up at the next commit", "[redis]") {
  ConsumerFixture fixture;
  fixture.produce(100);
  fixture.options.batch.max_records = 10;
  std::atomic<bool> is_reset = false;
  MicroBatchConsumer<> consumer{fixture.options, *fixture.store, [&](const Batch<>& batch) {
                                  if (!is_reset.exchange(true)) fixture.server.probe()("HSET", fixture.key, "0", "80");
                                  fixture.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(fixture.reaches(100));
  running.stop();
  auto expected = offsets_between(0, 10);
  for (const auto offset : offsets_between(80, 100)) expected.push_back(offset);
  CHECK(fixture.handled.offsets({"orders", 0}) == expected);
}
