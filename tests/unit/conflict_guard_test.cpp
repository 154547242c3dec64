#include "core/conflict_guard.hpp"

#include <vector>

#include "support/catch.hpp"

using tidemark::OffsetRange;
using tidemark::TopicPartition;
using tidemark::core::ConflictGuard;

namespace {

const TopicPartition first{"orders", 0};
const TopicPartition second{"orders", 1};

}  // namespace

TEST_CASE("the conflict that reaches the limit is one too many, none before it", "[unit]") {
  ConflictGuard guard{3};
  CHECK_FALSE(guard.on_conflict(first));
  CHECK_FALSE(guard.on_conflict(first));
  CHECK(guard.on_conflict(first));
}

TEST_CASE("a limit of one allows no conflict", "[unit]") {
  ConflictGuard guard{1};
  CHECK(guard.on_conflict(first));
}

TEST_CASE("a commit forgives its partition's conflicts, and no other's", "[unit]") {
  ConflictGuard guard{2};
  CHECK_FALSE(guard.on_conflict(first));
  CHECK_FALSE(guard.on_conflict(second));
  guard.on_commit(std::vector<OffsetRange>{{first, 0, 1}});
  CHECK_FALSE(guard.on_conflict(first));
  CHECK(guard.on_conflict(second));
}

TEST_CASE("conflicts of different partitions are not added up", "[unit]") {
  ConflictGuard guard{2};
  for (int i = 0; i < 10; ++i) CHECK_FALSE(guard.on_conflict({"orders", i}));
}
