#include <string>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/testing/batch_builder.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using tidemark::testing::BatchBuilder;
using namespace std::chrono_literals;

TEST_CASE("a made-up record reads like a fetched one", "[unit]") {
  const std::chrono::system_clock::time_point at{1'356'998'400'123ms};
  BatchBuilder builder;
  builder.add({.topic = "flights",
               .partition = 3,
               .offset = 41,
               .key = "AA",
               .value = "late",
               .headers = {{"trace", "1"}, {"empty", ""}, {"null"}, {"trace", "2"}},
               .timestamp = at});
  const auto batch = builder.build();
  REQUIRE(batch.size() == 1);
  const auto record = batch[0];
  CHECK(record.topic() == "flights");
  CHECK(record.partition() == 3);
  CHECK(record.offset() == 41);
  CHECK(record.key() == Bytes{"AA"});
  CHECK(record.value() == Bytes{"late"});
  CHECK(record.timestamp() == at);
  CHECK(record.headers().size() == 4);
  CHECK(record.headers().find("trace") == Bytes{"2"});
  CHECK(record.headers().find("empty") == Bytes{""});
  CHECK(record.headers().find("null") == Bytes{});
  CHECK(batch.attempt() == 1);
  CHECK_FALSE(batch.stop_token().stop_requested());
}

TEST_CASE("null and empty differ in made-up records", "[unit]") {
  BatchBuilder builder;
  builder.add({.topic = "t"}).add({.topic = "t", .key = "", .value = ""});
  const auto batch = builder.build();
  CHECK(batch[0].key().is_null());
  CHECK(batch[0].value().is_null());
  CHECK_FALSE(batch[0].timestamp());
  CHECK_FALSE(batch[1].key().is_null());
  CHECK(batch[1].value().empty());
}

TEST_CASE("offsets go on by themselves in each partition, and ranges cover gaps", "[unit]") {
  BatchBuilder builder;
  builder.add({.topic = "b"}).add({.topic = "b", .partition = 1, .offset = 100}).add({.topic = "b"});
  builder.add({.topic = "b", .partition = 1, .offset = 110}).add({.topic = "a", .partition = 7, .offset = 5});
  builder.add({.topic = "b", .partition = 1});
  const auto batch = builder.build();
  std::vector<std::int64_t> offsets;
  for (const auto& record : batch) offsets.push_back(record.offset());
  CHECK(offsets == std::vector<std::int64_t>{0, 100, 1, 110, 5, 111});
  const std::vector<OffsetRange> ranges{{{"a", 7}, 5, 6}, {{"b", 0}, 0, 2}, {{"b", 1}, 100, 112}};
  CHECK(std::vector<OffsetRange>(batch.ranges().begin(), batch.ranges().end()) == ranges);
}

TEST_CASE("a made-up batch refuses offsets that Kafka would not give", "[unit]") {
  BatchBuilder builder;
  builder.add({.topic = "t", .offset = 10});
  CHECK_THROWS_AS(builder.add({.topic = "t", .offset = 10}), ConfigError);
  CHECK_THROWS_AS(builder.add({.topic = "t", .offset = 9}), ConfigError);
  CHECK_THROWS_AS(builder.add({.topic = "u", .offset = -1}), ConfigError);
  CHECK(builder.build().size() == 1);
  CHECK(builder.build().ranges().size() == 1);
}

TEST_CASE("a made-up batch carries decoded values, the attempt and the stop token", "[unit]") {
  std::stop_source stop;
  BatchBuilder builder;
  builder.add({.topic = "t", .value = "one"}).add({.topic = "t", .value = "two"});
  builder.attempt(2).stop_token(stop.get_token());
  const auto batch = builder.build<std::string>();
  REQUIRE(batch.size() == 2);
  CHECK(batch[0].value() == "one");
  CHECK(batch[1].value() == "two");
  CHECK(batch.attempt() == 2);
  CHECK_FALSE(batch.stop_token().stop_requested());
  stop.request_stop();
  CHECK(batch.stop_token().stop_requested());
}

TEST_CASE("a batch stays valid when its builder moves", "[unit]") {
  BatchBuilder builder;
  builder.add({.topic = "t", .value = "one"});
  auto moved = std::move(builder);
  moved.add({.topic = "t", .value = "two"});
  CHECK(moved.build()[1].value() == Bytes{"two"});
  CHECK(moved.build()[1].offset() == 1);
}

TEST_CASE("a batch without records is one too", "[unit]") {
  BatchBuilder builder;
  CHECK(builder.build().empty());
  CHECK(builder.build().ranges().empty());
}
