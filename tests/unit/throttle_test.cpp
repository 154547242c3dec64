#include "core/throttle.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::RateLimit;
using tidemark::core::Throttle;

namespace {

const Throttle::TimePoint start{1h};

Throttle throttle(const RateLimit& limit) {
  Throttle throttle;
  throttle.set_limit(limit, start);
  return throttle;
}

/// How many records of so many bytes go through in a while, looked at every millisecond.
int passed(Throttle& throttle, Throttle::TimePoint from, std::chrono::milliseconds time, std::size_t bytes = 1) {
  int records = 0;
  for (auto now = from; now < from + time; now += 1ms)
    for (; throttle.is_open(now); ++records) throttle.take(bytes);
  return records;
}

}  // namespace

TEST_CASE("without a limit everything goes through", "[unit]") {
  auto any = throttle({});
  for (int i = 0; i < 100'000; ++i) {
    REQUIRE(any.is_open(start));
    any.take(1000);
  }
}

TEST_CASE("records go through at the rate, and a tenth of a second's at once", "[unit]") {
  auto records = throttle({.records_per_second = 1000});
  CHECK(passed(records, start, 1ms) == 100);
  const auto in_ten_seconds = passed(records, start + 1ms, 10s);
  CHECK(in_ten_seconds >= 9'990);
  CHECK(in_ten_seconds <= 10'010);
}

TEST_CASE("bytes go through at the rate, in records of any size", "[unit]") {
  const std::size_t size = GENERATE(1, 700, 50'000);
  auto bytes = throttle({.bytes_per_second = 100'000});
  const auto in_ten_seconds = static_cast<std::size_t>(passed(bytes, start, 10s, size)) * size;
  CHECK(in_ten_seconds >= 1'000'000);
  CHECK(in_ten_seconds <= 1'010'000 + size);
}

TEST_CASE("the stricter of the two limits counts", "[unit]") {
  auto both = throttle({.records_per_second = 100, .bytes_per_second = 1000});
  const auto small = passed(both, start, 10s, 1);
  CHECK(small >= 1000);
  CHECK(small <= 1011);
  const auto large = passed(both, start + 20s, 10s, 100);
  CHECK(large >= 100);
  CHECK(large <= 103);
}

TEST_CASE("of records one after the other as many pass as would one by one", "[unit]") {
  const std::vector<std::size_t> sizes{100, 10, 300, 1, 5000, 1, 1};
  for (const RateLimit limit : {RateLimit{.records_per_second = 30}, RateLimit{.bytes_per_second = 4'000},
                                RateLimit{.records_per_second = 60, .bytes_per_second = 50'000}, RateLimit{}}) {
    auto together = throttle(limit);
    auto alone = throttle(limit);
    std::size_t count = 0;
    while (count < sizes.size() && alone.is_open(start)) alone.take(sizes[count++]);
    CAPTURE(limit.records_per_second, limit.bytes_per_second);
    CHECK(together.take(sizes, start) == count);
    CHECK(together.opens_at() == alone.opens_at());
  }
}

TEST_CASE("a throttle says when it opens", "[unit]") {
  auto slow = throttle({.records_per_second = 2});
  CHECK(slow.is_open(start));
  slow.take(1);
  CHECK_FALSE(slow.is_open(start));
  CHECK((slow.opens_at() == start + 500ms));
  CHECK(slow.is_open(start + 500ms));
}

TEST_CASE("pauses are not saved up", "[unit]") {
  auto records = throttle({.records_per_second = 1000});
  CHECK(passed(records, start + 1h, 1ms) == 100);
}

TEST_CASE("a limit can be changed, and taken away", "[unit]") {
  auto records = throttle({.records_per_second = 1});
  const auto slow = passed(records, start, 10s);
  CHECK(slow >= 9);
  CHECK(slow <= 10);
  records.set_limit({.records_per_second = 1000}, start + 10s);
  const auto faster = passed(records, start + 10s, 10s);
  CHECK(faster >= 9'990);
  CHECK(faster <= 10'010);
  records.set_limit({}, start + 20s);
  records.take(1'000'000);
  CHECK(records.is_open(start + 20s));
  records.set_limit({.records_per_second = 1000}, start + 20s);
  CHECK(passed(records, start + 20s, 1ms) == 100);
}
