#include <stdexcept>

#include <tidemark/decoder.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

namespace {

struct Order {
  int number = 0;
  std::string customer;
};

}  // namespace

template <>
struct tidemark::Decoder<Order> {
  Order operator()(const Record<>& record) const {
    return {std::stoi(std::string{record.value().text()}), std::string{record.key().text()}};
  }
};

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("values come decoded, with key, timestamp and headers at hand", "[engine]") {
  Scene scene;
  const std::chrono::system_clock::time_point at{1'356'998'400'123ms};
  scene.broker.produce(
      {.topic = "orders", .partition = 0, .key = "ada", .value = "7", .headers = {{"trace", "1"}}, .timestamp = at});
  scene.broker.produce({.topic = "orders", .partition = 0, .key = "bob", .value = "8"});
  scene.broker.flush();
  std::vector<Order> orders;
  std::vector<bool> details;
  MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [&](const Batch<Order>& batch) {
                                       for (const auto& record : batch) orders.push_back(record.value());
                                       if (batch[0].offset() != 0) return;
                                       details.push_back(batch[0].key() == "ada");
                                       details.push_back(batch[0].timestamp() == at);
                                       details.push_back(batch[0].headers().find("trace") == Bytes{"1"});
                                     }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].number == 7);
  CHECK(orders[0].customer == "ada");
  CHECK(orders[1].number == 8);
  CHECK(orders[1].customer == "bob");
  CHECK(details == std::vector{true, true, true});
}

TEST_CASE("what a decoder throws ends the consumer, and nothing of the batch moves", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "not a number"});
  scene.broker.flush();
  MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [](const Batch<Order>&) {}};
  CHECK_NOTHROW(error_of_run<std::invalid_argument>(consumer));
  CHECK_FALSE(scene.stored());
}

TEST_CASE("strings are decoded out of the box, null as an empty one", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "7"});
  scene.broker.produce({.topic = "orders", .partition = 0});
  scene.broker.flush();
  std::vector<std::string> values;
  MicroBatchConsumer<std::string> consumer{scene.options(), scene.store, [&](const Batch<std::string>& batch) {
                                             for (const auto& record : batch) values.push_back(record.value());
                                           }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  CHECK(values == std::vector<std::string>{"7", ""});
}

TEST_CASE("null keys and values are told from empty ones", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0});
  scene.broker.produce({.topic = "orders", .partition = 0, .key = "", .value = ""});
  scene.broker.flush();
  std::vector<bool> nulls;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  for (const auto& record : batch) {
                                    nulls.push_back(record.key().is_null());
                                    nulls.push_back(record.value().is_null());
                                  }
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  CHECK(nulls == std::vector{true, true, false, false});
}
