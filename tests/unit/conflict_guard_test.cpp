#include "core/conflict_guard.hpp"

#include <vector>

#include "support/catch.hpp"

using tidemark::OffsetRange;
using tidemark::TopicPartition;
using tidemark::core::ConflictGuard;

using namespace std::chrono_literals;

namespace {

const TopicPartition first{"orders", 0};
const TopicPartition second{"orders", 1};

ConflictGuard::TimePoint at(std::chrono::milliseconds time) { return ConflictGuard::TimePoint{time}; }

}  // namespace

TEST_CASE("the conflict that reaches the limit is one too many, none before it", "[unit]") {
  ConflictGuard guard{3};
  CHECK_FALSE(guard.on_conflict(first, at(1s)));
  CHECK_FALSE(guard.on_conflict(first, at(2s)));
  CHECK(guard.on_conflict(first, at(3s)));
}

TEST_CASE("a limit of one allows no conflict", "[unit]") {
  ConflictGuard guard{1};
  CHECK(guard.on_conflict(first, at(1s)));
}

TEST_CASE("a commit forgives its partition's conflicts, and no other's", "[unit]") {
  ConflictGuard guard{2};
  CHECK_FALSE(guard.on_conflict(first, at(1s)));
  CHECK_FALSE(guard.on_conflict(second, at(1s)));
  guard.on_commit(std::vector<OffsetRange>{{first, 0, 1}});
  CHECK_FALSE(guard.on_conflict(first, at(2s)));
  CHECK(guard.on_conflict(second, at(2s)));
}

TEST_CASE("conflicts of different partitions are not added up", "[unit]") {
  ConflictGuard guard{2};
  for (int i = 0; i < 10; ++i) CHECK_FALSE(guard.on_conflict({"orders", i}, at(1s * i)));
}

TEST_CASE("the conflicts of a second are one: a member that was put out of its group meets many before it is told",
          "[unit]") {
  ConflictGuard guard{2};
  CHECK_FALSE(guard.on_conflict(first, at(5'000ms)));
  for (auto time = 5'000ms; time < 6'000ms; time += 10ms) CHECK_FALSE(guard.on_conflict(first, at(time)));
  CHECK(guard.on_conflict(first, at(6'000ms)));
}
