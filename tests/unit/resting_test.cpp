#include "core/progress.hpp"

#include "support/catch.hpp"

using namespace tidemark;
using core::Claim;
using core::Progress;

namespace {

const TopicPartition orders{"orders", 0};
const TopicPartition refunds{"refunds", 0};

}  // namespace

TEST_CASE("a partition rests while nothing of it is in flight", "[unit]") {
  Progress progress;
  progress.own(orders, 5, 5);
  progress.own(refunds, 7, 7);
  CHECK(progress.resting().size() == 2);
  REQUIRE(progress.find(orders)->take(5));
  CHECK(progress.resting().size() == 2);  // taken, but not handed out yet
  const auto batch = progress.cut();
  REQUIRE(progress.resting().size() == 1);
  CHECK(progress.resting().front().range == OffsetRange{refunds, 7, 7});
  progress.settle(batch);
  REQUIRE(progress.resting().size() == 2);
  CHECK(progress.resting().front().range == OffsetRange{orders, 6, 6});
}

TEST_CASE("it rests still unless it was handed out, committed, closed, parked or owned anew meanwhile", "[unit]") {
  Progress progress;
  progress.own(orders, 5, 5);
  const auto before = progress.resting();
  CHECK(progress.still_resting(before) == before);
  SECTION("in flight") {
    REQUIRE(progress.find(orders)->take(5));
    progress.cut();
  }
  SECTION("committed") {
    REQUIRE(progress.find(orders)->take(5));
    progress.settle(progress.cut());
  }
  SECTION("closed") { progress.close(orders); }
  SECTION("parked") { progress.park(orders); }
  SECTION("paused") { progress.find(orders)->pause(); }
  SECTION("owned anew") { progress.own(orders, 5, 5); }
  CHECK(progress.still_resting(before).empty());
}
