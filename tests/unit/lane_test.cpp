#include "kafka/lane.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;
using kafka::Lane;

namespace {

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};

/// A consumer without a broker: queues of partitions need none.
std::unique_ptr<rd_kafka_t, Destroy> make_client() {
  std::array<char, 512> why{};
  auto* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "group.id", "billing", why.data(), why.size());
  std::unique_ptr<rd_kafka_t, Destroy> client{rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size())};
  if (!client) throw std::runtime_error{why.data()};
  return client;
}

}  // namespace

TEST_CASE("topics that come and go leave nothing behind in a lane", "[unit]") {
  const auto client = make_client();
  Lane lane{client.get()};
  Lane::TimePoint now{};
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const TopicPartition partition{"orders-" + std::to_string(i), 0};
    lane.forward(partition);
    now += 10s;
    lane.retire({&partition, 1}, now);
    std::size_t kept = 0;
    for (int j = 0; j <= i; ++j) kept += lane.has({"orders-" + std::to_string(j), 0}) ? 1 : 0;
    most = std::max(most, kept);
  }
  CHECK(most == 6);
}

TEST_CASE("a partition that comes back to a lane stays", "[unit]") {
  const auto client = make_client();
  Lane lane{client.get()};
  const TopicPartition partition{"orders", 0};
  const TopicPartition other{"orders", 1};
  lane.forward(partition);
  lane.forward(other);
  lane.retire({&partition, 1}, {});
  lane.forward(partition);
  lane.retire({&other, 1}, Lane::TimePoint{} + Lane::retirement);
  CHECK(lane.has(partition));
  CHECK(lane.has(other));
  lane.retire({}, Lane::TimePoint{} + 2 * Lane::retirement);
  CHECK(lane.has(partition));
  CHECK_FALSE(lane.has(other));
}
