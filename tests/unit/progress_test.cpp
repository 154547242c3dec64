#include "core/progress.hpp"

#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;

namespace {

const TopicPartition orders{"orders", 0};
const TopicPartition payments{"payments", 0};

OffsetRange only_range(const std::vector<Claim>& claims) {
  REQUIRE(claims.size() == 1);
  return claims.front().range;
}

/// A Progress that owns `orders` from offset 10 on, as stored.
Progress owning_orders() {
  Progress progress;
  progress.own(orders, 10, 10);
  return progress;
}

}  // namespace

TEST_CASE("nothing taken makes no claim", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.cut().empty());
  CHECK(progress.find(orders)->is_settled());
}

TEST_CASE("a claim ends one after the last record that was taken", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(10));
  CHECK(progress.find(orders)->take(11));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 10, 12});
}

TEST_CASE("claims form a chain across gaps", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(15));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 10, 16});
  CHECK(progress.find(orders)->take(1000));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 16, 1001});
}

TEST_CASE("a record that was taken before is not taken again", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK_FALSE(cursor->take(9));
  CHECK(cursor->take(12));
  CHECK_FALSE(cursor->take(12));
  CHECK_FALSE(cursor->take(11));
  CHECK(cursor->next() == 13);
}

TEST_CASE("the end of a partition is claimed across what holds no records", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  CHECK(cursor->reach_end(14));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 10, 14});
}

TEST_CASE("an end that is no news claims nothing", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK_FALSE(cursor->reach_end(10));
  CHECK_FALSE(cursor->reach_end(3));
  CHECK(cursor->next() == 10);
  CHECK(progress.cut().empty());
}

TEST_CASE("the chain goes on from what is stored, though reading begins elsewhere", "[unit]") {
  Progress progress;
  progress.own(orders, 5, 100);
  CHECK_FALSE(progress.find(orders)->take(99));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 5, 100});
  CHECK(progress.find(orders)->take(100));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 100, 101});
}

TEST_CASE("a start below what is stored is claimed as a range that goes back, before anything is taken", "[unit]") {
  Progress progress;
  progress.own(orders, 100, 7);
  CHECK(progress.find(orders)->steps_back());
  const auto back = progress.cut();
  CHECK(only_range(back) == OffsetRange{orders, 100, 7});
  CHECK(progress.find(orders)->take(7));
  const auto on = progress.cut();
  CHECK(only_range(on) == OffsetRange{orders, 7, 8});
  CHECK(progress.settle(back).empty());
  CHECK(progress.settle(on).empty());
  CHECK(progress.find(orders)->committed() == 8);
}

TEST_CASE("each partition has its own chain, in one cut", "[unit]") {
  auto progress = owning_orders();
  progress.own(payments, 0, 0);
  CHECK(progress.find(orders)->take(10));
  CHECK(progress.find(payments)->take(4));
  const auto claims = progress.cut();
  CHECK(ranges_of(claims) == std::vector<OffsetRange>{{orders, 10, 11}, {payments, 0, 5}});
}

TEST_CASE("what is handed out is not settled before it is stored", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  CHECK_FALSE(cursor->is_settled());
  const auto claims = progress.cut();
  CHECK_FALSE(cursor->is_settled());
  CHECK(cursor->committed() == 10);
  CHECK(progress.settle(claims).empty());
  CHECK(cursor->is_settled());
  CHECK(cursor->committed() == 11);
}

TEST_CASE("a dropped claim leaves the stored position as it was", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  CHECK(progress.drop(progress.cut()).empty());
  CHECK(cursor->committed() == 10);
  CHECK(cursor->is_settled());
}

TEST_CASE("a partition that is closed with nothing in hand is gone at once", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(10));
  CHECK(progress.close(orders));
  CHECK_FALSE(progress.owns(orders));
  CHECK(progress.cut().empty());
}

TEST_CASE("a partition that is closed goes when its last claim has landed", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(10));
  const auto first = progress.cut();
  CHECK(progress.find(orders)->take(11));
  const auto second = progress.cut();
  CHECK(progress.find(orders)->take(12));
  CHECK_FALSE(progress.close(orders));
  CHECK(progress.cut().empty());
  CHECK_FALSE(progress.find(orders)->take(13));
  CHECK(progress.leaving(first) == first);
  CHECK(progress.settle(first).empty());
  CHECK(progress.owns(orders));
  CHECK(progress.drop(second) == std::vector{orders});
  CHECK_FALSE(progress.owns(orders));
}

TEST_CASE("closing twice is closing once", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(10));
  const auto claims = progress.cut();
  CHECK_FALSE(progress.close(orders));
  CHECK_FALSE(progress.close(orders));
  CHECK(progress.settle(claims) == std::vector{orders});
  CHECK(progress.close(orders));
}

TEST_CASE("claims on a partition that was forgotten are void", "[unit]") {
  auto progress = owning_orders();
  progress.own(payments, 0, 0);
  CHECK(progress.find(orders)->take(10));
  CHECK(progress.find(payments)->take(0));
  const auto claims = progress.cut();
  progress.forget(orders);
  CHECK_FALSE(progress.owns(orders));
  CHECK(ranges_of(progress.valid(claims)) == std::vector<OffsetRange>{{payments, 0, 1}});
  CHECK(progress.settle(claims).empty());
  CHECK(progress.find(payments)->committed() == 1);
}

TEST_CASE("claims of an earlier ownership are void, though the partition is ours again", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(10));
  const auto claims = progress.cut();
  progress.own(orders, 10, 10);
  CHECK(progress.valid(claims).empty());
  CHECK(progress.leaving(claims).empty());
  CHECK(progress.settle(claims).empty());
  CHECK(progress.find(orders)->committed() == 10);
  CHECK(progress.find(orders)->is_settled());
}

TEST_CASE("a parked partition gives back what was not cut, and takes nothing until it is owned anew", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  const auto claims = progress.cut();
  CHECK(cursor->take(11));
  progress.park(orders);
  CHECK(cursor->next() == 11);
  CHECK_FALSE(cursor->is_open());
  CHECK_FALSE(cursor->take(11));
  CHECK_FALSE(cursor->reach_end(50));
  CHECK(progress.cut().empty());
  CHECK(progress.valid(claims).empty());
  CHECK_FALSE(cursor->is_settled());
  progress.own(orders, 3, 3);
  CHECK(progress.find(orders)->take(3));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 3, 4});
}

TEST_CASE("a paused partition keeps what was taken, and takes no more", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  cursor->pause();
  CHECK_FALSE(cursor->take(11));
  CHECK_FALSE(cursor->reach_end(11 + 1));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 10, 11});
}

TEST_CASE("partitions that are not ours can be closed, parked and forgotten to no effect", "[unit]") {
  Progress progress;
  progress.park(orders);
  progress.forget(orders);
  CHECK(progress.close(orders));
  CHECK(progress.find(orders) == nullptr);
  CHECK(progress.positions().empty());
}

TEST_CASE("positions tell what is stored and what is read next", "[unit]") {
  auto progress = owning_orders();
  progress.own(payments, 1, 2);
  CHECK(progress.find(orders)->take(20));
  CHECK(progress.positions() == std::vector<PartitionStart>{{orders, 10, 21}, {payments, 1, 2}});
}

TEST_CASE("records are expected where an open partition's end lies ahead, unless Kafka said that there are none",
          "[unit]") {
  auto progress = owning_orders();
  const auto end_at = [](std::optional<std::int64_t> end) { return [end](const TopicPartition&) { return end; }; };
  auto* cursor = progress.find(orders);
  CHECK_FALSE(progress.expects_more(end_at(std::nullopt)));
  CHECK_FALSE(progress.expects_more(end_at(10)));
  CHECK(progress.expects_more(end_at(11)));
  SECTION("an open transaction's records lie ahead too, but are not to be had") {
    cursor->reach_end(10);
    CHECK_FALSE(progress.expects_more(end_at(11)));
    CHECK(cursor->take(10));
    CHECK(progress.expects_more(end_at(12)));
  }
  SECTION("of a closed one nothing is expected") {
    cursor->pause();
    CHECK_FALSE(progress.expects_more(end_at(11)));
  }
}

TEST_CASE("a claim that was divided is settled in two steps, and only then is nothing in flight", "[unit]") {
  auto progress = owning_orders();
  for (const auto offset : {10, 12, 15}) REQUIRE(progress.find(orders)->take(offset));
  const auto claims = progress.cut();
  const auto [first, second] = progress.divide(claims.front(), 15);
  CHECK(first.range == OffsetRange{orders, 10, 15});
  CHECK(second.range == OffsetRange{orders, 15, 16});
  CHECK(progress.settle({&first, 1}).empty());
  CHECK(progress.find(orders)->committed() == 15);
  CHECK_FALSE(progress.find(orders)->is_settled());
  CHECK_FALSE(progress.close(orders));
  CHECK(progress.drop({&second, 1}) == std::vector{orders});
}

TEST_CASE("a claim from before a partition was lost can be divided, and stays void", "[unit]") {
  auto progress = owning_orders();
  REQUIRE(progress.find(orders)->take(10));
  REQUIRE(progress.find(orders)->take(11));
  const auto claims = progress.cut();
  progress.own(orders, 10, 10);
  const auto [first, second] = progress.divide(claims.front(), 11);
  CHECK(progress.valid({&first, 1}).empty());
  CHECK(progress.valid({&second, 1}).empty());
  CHECK(progress.find(orders)->is_settled());
}

TEST_CASE("offsets without a record are counted, and the first of them named", "[unit]") {
  auto progress = owning_orders();
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(10));
  CHECK(cursor->leaves_gap(13));
  CHECK(cursor->take(13));
  CHECK(cursor->take(20));
  progress.cut();
  REQUIRE(progress.gaps().size() == 1);
  const auto first = progress.gaps().front();
  CHECK(first.partition == orders);
  CHECK(first.first_from == 11);
  CHECK(first.first_until == 13);
  CHECK(first.offsets == 8);
  CHECK(first.all == 8);

  CHECK_FALSE(cursor->leaves_gap(21));
  CHECK(cursor->take(21));
  progress.cut();
  CHECK(progress.gaps().empty());

  CHECK(cursor->reach_end(25));
  progress.cut();
  REQUIRE(progress.gaps().size() == 1);
  CHECK(progress.gaps().front().offsets == 3);
  CHECK(progress.gaps().front().all == 11);
}

TEST_CASE("where a partition starts, and what is undone, leaves no gap", "[unit]") {
  Progress progress;
  progress.own(orders, 5, 100);
  auto* cursor = progress.find(orders);
  CHECK(cursor->take(100));
  CHECK(progress.settle(progress.cut()).empty());
  CHECK(progress.gaps().empty());
  CHECK(cursor->take(105));
  progress.park(orders);
  CHECK_FALSE(progress.find(orders)->leaves_gap(200));
  progress.own(orders, 101, 101);
  CHECK(progress.find(orders)->take(101));
  progress.cut();
  CHECK(progress.gaps().empty());
}

TEST_CASE("the count of missing offsets goes on when a partition is put back", "[unit]") {
  auto progress = owning_orders();
  CHECK(progress.find(orders)->take(15));
  progress.cut();
  progress.own(orders, 10, 10);
  CHECK(progress.find(orders)->take(13));
  progress.cut();
  REQUIRE(progress.gaps().size() == 1);
  CHECK(progress.gaps().front().offsets == 3);
  CHECK(progress.gaps().front().all == 8);
}

TEST_CASE("a step back is cut before anything is taken, so that each batch covers its records", "[unit]") {
  Progress progress;
  progress.own(orders, 100, 97);
  CHECK(progress.find(orders)->steps_back());
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 100, 97});
  CHECK_FALSE(progress.find(orders)->steps_back());
  for (int offset = 97; offset < 100; ++offset) CHECK(progress.find(orders)->take(offset));
  CHECK(only_range(progress.cut()) == OffsetRange{orders, 97, 100});
}
