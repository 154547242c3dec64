#include "core/parked_partitions.hpp"

#include <chrono>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::core;

namespace {

const TopicPartition orders{"orders", 0};
const ParkedPartitions::TimePoint start{};

Obstacle at(std::int64_t position) { return {Obstacle::Kind::unreadable, position}; }

std::vector<TopicPartition> passed_over(const ParkedPartitions& parked) {
  std::vector<TopicPartition> all;
  parked.for_each([&](const TopicPartition& partition, const auto&) { all.push_back(partition); });
  return all;
}

}  // namespace

TEST_CASE("a partition that can't be read is tried again when its time has come, and once", "[unit]") {
  ParkedPartitions parked{10s};
  CHECK(parked.add(orders, at(5), start).next_try == start + 10s);
  CHECK(parked.take_due(start + 9s).empty());
  CHECK(passed_over(parked) == std::vector{orders});
  CHECK(parked.take_due(start + 10s) == std::vector{orders});
  CHECK(parked.take_due(start + 20s).empty());
  CHECK(passed_over(parked).empty());
}

TEST_CASE("each try that ends at the same record doubles the time until the next, up to a limit", "[unit]") {
  ParkedPartitions parked{1s};
  auto now = start;
  std::vector<std::chrono::milliseconds> delays;
  for (int i = 0; i < 8; ++i) {
    delays.push_back(parked.add(orders, at(5), now).delay);
    now += delays.back();
    CHECK(parked.take_due(now) == std::vector{orders});
  }
  CHECK(delays == std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s, 16s, 32s, 32s, 32s});
}

TEST_CASE("trouble at another record begins anew", "[unit]") {
  ParkedPartitions parked{1s};
  parked.add(orders, at(5), start);
  parked.take_due(start + 1s);
  CHECK(parked.add(orders, at(5), start + 1s).delay == 2s);
  parked.take_due(start + 3s);
  CHECK(parked.add(orders, at(9), start + 3s).delay == 1s);
}

TEST_CASE("a partition that is not ours any more is not tried", "[unit]") {
  ParkedPartitions parked{1s};
  parked.add(orders, at(5), start);
  parked.forget(orders);
  CHECK(parked.take_due(start + 1min).empty());
  CHECK(passed_over(parked).empty());
}
