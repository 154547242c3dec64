#include "core/start_plan.hpp"

#include <limits>

#include <tidemark/error.hpp>

#include "support/catch.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::core;
using namespace std::chrono_literals;

namespace {

const TopicPartition partition{"orders", 3};
const StartPolicy at_a_time = start::Timestamp{std::chrono::system_clock::time_point{1h}};
const StartPolicy given = start::Offsets{{{partition, 42}}};

}  // namespace

TEST_CASE("where nothing of a topic is stored, the start policy decides", "[unit]") {
  CHECK(start_point(start::Earliest{}, partition, false) == StartPoint::beginning);
  CHECK(start_point(start::Latest{}, partition, false) == StartPoint::end);
  CHECK(start_point(at_a_time, partition, false) == StartPoint::timestamp);
  CHECK(start_point(given, partition, false) == StartPoint::given);
  CHECK(start_point(start::Fail{}, partition, false) == StartPoint::nowhere);
}

TEST_CASE("a table of offsets that does not name the partition says nothing", "[unit]") {
  CHECK(start_point(given, {"orders", 4}, false) == StartPoint::nowhere);
  CHECK(start_point(given, {"payments", 3}, false) == StartPoint::nowhere);
  CHECK(start_point(start::Offsets{}, partition, false) == StartPoint::nowhere);
}

TEST_CASE("a partition that was added to a known topic starts at its beginning, whatever the policy", "[unit]") {
  for (const auto& policy :
       {StartPolicy{start::Earliest{}}, StartPolicy{start::Latest{}}, at_a_time, StartPolicy{start::Fail{}}})
    CHECK(start_point(policy, partition, true) == StartPoint::beginning);
  CHECK(start_point(given, {"orders", 4}, true) == StartPoint::beginning);
}

TEST_CASE("a partition that the table of offsets names starts there, though others of its topic are stored", "[unit]") {
  CHECK(start_point(given, partition, true) == StartPoint::given);
}

TEST_CASE("starts that would come out differently the next time are stored at once", "[unit]") {
  CHECK(is_stored_at_once(StartPoint::end));
  CHECK(is_stored_at_once(StartPoint::timestamp));
  CHECK_FALSE(is_stored_at_once(StartPoint::beginning));
  CHECK_FALSE(is_stored_at_once(StartPoint::given));
  CHECK_FALSE(is_stored_at_once(StartPoint::nowhere));
}

TEST_CASE("only the earliest start is the same for a known topic and an unknown one", "[unit]") {
  CHECK_FALSE(asks_for_other_partitions(start::Earliest{}));
  CHECK(asks_for_other_partitions(start::Latest{}));
  CHECK(asks_for_other_partitions(at_a_time));
  CHECK(asks_for_other_partitions(given));
  CHECK(asks_for_other_partitions(start::Fail{}));
}

TEST_CASE("a stored offset is absent or not negative", "[unit]") {
  CHECK_NOTHROW(check_stored(partition, std::nullopt));
  CHECK_NOTHROW(check_stored(partition, 0));
  CHECK_NOTHROW(check_stored(partition, std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("a negative stored offset is refused for good, with partition and value", "[unit]") {
  const auto stored = GENERATE(std::int64_t{-1}, -2, -1000, -1001, std::numeric_limits<std::int64_t>::min());
  const auto error = test::store_error_of([&] { check_stored(partition, stored); });
  REQUIRE(test::says(error, "orders [3]", std::to_string(stored), "start policy"));
  CHECK_FALSE(error->is_retryable());
}
