#include "core/batch_cutter.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::core::BatchCutter;

namespace {

const BatchCutter::TimePoint start{};

BatchCutter cutter_with(std::size_t records, std::size_t bytes, std::chrono::milliseconds wait) {
  return BatchCutter{{.max_records = records, .max_bytes = bytes, .max_wait = wait}};
}

}  // namespace

TEST_CASE("an empty batch never closes, however long it waits", "[unit]") {
  const auto cutter = cutter_with(10, 1000, 100ms);
  CHECK_FALSE(cutter.closed(start + 1h));
  CHECK_FALSE(cutter.deadline());
}

TEST_CASE("the wait counts from the first record, not from the last", "[unit]") {
  auto cutter = cutter_with(10, 1000, 100ms);
  cutter.add(1, start);
  cutter.add(1, start + 99ms);
  CHECK(cutter.deadline() == start + 100ms);
  CHECK_FALSE(cutter.closed(start + 99ms));
  CHECK(cutter.closed(start + 100ms));
}

TEST_CASE("a batch without waiting time closes with its first record", "[unit]") {
  auto cutter = cutter_with(10, 1000, 0ms);
  CHECK_FALSE(cutter.closed(start));
  cutter.add(1, start);
  CHECK(cutter.closed(start));
}

TEST_CASE("a batch closes with its last record, not with one before", "[unit]") {
  auto cutter = cutter_with(3, 1000, 1h);
  cutter.add(1, start);
  cutter.add(1, start);
  CHECK(cutter.room() == 1);
  CHECK(cutter.admits(1));
  CHECK_FALSE(cutter.closed(start));
  cutter.add(1, start);
  CHECK(cutter.room() == 0);
  CHECK_FALSE(cutter.admits(1));
  CHECK(cutter.closed(start));
}

TEST_CASE("a batch closes with the byte that fills it, not with one before", "[unit]") {
  auto cutter = cutter_with(10, 100, 1h);
  cutter.add(60, start);
  CHECK(cutter.admits(40));
  CHECK_FALSE(cutter.admits(41));
  cutter.add(39, start);
  CHECK(cutter.bytes() == 99);
  CHECK_FALSE(cutter.closed(start));
  CHECK(cutter.admits(1));
  cutter.add(1, start);
  CHECK(cutter.closed(start));
  CHECK_FALSE(cutter.admits(1));
}

TEST_CASE("records of no bytes fill a batch too", "[unit]") {
  auto cutter = cutter_with(2, 100, 1h);
  cutter.add(0, start);
  CHECK(cutter.admits(0));
  cutter.add(0, start);
  CHECK(cutter.closed(start));
  CHECK_FALSE(cutter.admits(0));
}

TEST_CASE("a record larger than the byte limit passes alone", "[unit]") {
  auto cutter = cutter_with(10, 1000, 100ms);
  REQUIRE(cutter.admits(5000));
  cutter.add(5000, start);
  CHECK(cutter.closed(start));
  CHECK_FALSE(cutter.admits(1));
}

TEST_CASE("a batch whose next record does not fit closes at once", "[unit]") {
  auto cutter = cutter_with(10, 100, 1h);
  cutter.add(60, start);
  cutter.close();
  CHECK(cutter.closed(start));
}

TEST_CASE("offsets without a record begin the wait, and the first record does not begin it anew", "[unit]") {
  auto cutter = cutter_with(10, 1000, 100ms);
  cutter.advance(start);
  CHECK_FALSE(cutter.closed(start + 99ms));
  cutter.add(1, start + 50ms);
  CHECK(cutter.deadline() == start + 100ms);
  CHECK(cutter.closed(start + 100ms));
}

TEST_CASE("records that are taken out again leave their room behind", "[unit]") {
  auto cutter = cutter_with(2, 100, 1h);
  cutter.add(50, start);
  cutter.add(50, start);
  REQUIRE(cutter.closed(start));
  cutter.remove(1, 50);
  CHECK_FALSE(cutter.closed(start));
  CHECK(cutter.room() == 1);
  CHECK(cutter.bytes() == 50);
  CHECK(cutter.admits(50));
  cutter.remove(1, 50);
  CHECK(cutter.admits(5000));
}

TEST_CASE("after reset a batch starts anew", "[unit]") {
  auto cutter = cutter_with(1, 1000, 100ms);
  cutter.add(1, start);
  cutter.close();
  cutter.reset();
  CHECK_FALSE(cutter.closed(start + 1h));
  CHECK_FALSE(cutter.deadline());
  CHECK(cutter.room() == 1);
  CHECK(cutter.bytes() == 0);
  CHECK(cutter.admits(1));
}

TEST_CASE("a batch may wait for ever for its last record", "[unit]") {
  auto cutter = cutter_with(2, 1000, std::chrono::milliseconds::max());
  cutter.add(1, start + 1h);
  CHECK_FALSE(cutter.closed(start + 1'000'000h));
  cutter.add(1, start + 2h);
  CHECK(cutter.closed(start + 2h));
}

TEST_CASE("what records weigh beside their own bytes counts, for those that are in already too", "[unit]") {
  auto cutter = cutter_with(100, 1000, 1h);
  cutter.add(10, start);
  cutter.add(10, start);
  CHECK(cutter.bytes() == 20);
  cutter.weigh(200);
  CHECK(cutter.bytes() == 420);
  CHECK(cutter.admits(380));
  CHECK_FALSE(cutter.admits(381));
  cutter.remove(1, 10);
  CHECK(cutter.bytes() == 210);
  cutter.reset();
  CHECK(cutter.bytes() == 0);
  CHECK(cutter.admits(5000));
  for (int i = 0; i < 4; ++i) cutter.add(10, start);
  CHECK_FALSE(cutter.closed(start));
  cutter.add(10, start);
  CHECK(cutter.closed(start));
}
