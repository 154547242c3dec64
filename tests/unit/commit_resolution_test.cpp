#include "core/commit_resolution.hpp"

#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;

namespace {

Claim claim(std::int64_t from, std::int64_t until, std::int32_t partition = 0) {
  return {{{"orders", partition}, from, until}, 1};
}

CommitResolution resolve(const Claim& one, std::optional<std::int64_t> stored) {
  return resolve_commit({&one, 1}, {&stored, 1});
}

}  // namespace

TEST_CASE("a commit whose end is stored was done", "[unit]") {
  const auto resolution = resolve(claim(10, 20), 20);
  CHECK(resolution.done.size() == 1);
  CHECK(resolution.again.empty());
  CHECK(resolution.conflicts.empty());
}

TEST_CASE("a commit whose beginning is still stored is tried again", "[unit]") {
  const auto resolution = resolve(claim(10, 20), 10);
  CHECK(resolution.done.empty());
  CHECK(resolution.again.size() == 1);
  CHECK(resolution.conflicts.empty());
}

TEST_CASE("a commit of which nothing is stored is tried again", "[unit]") {
  const auto resolution = resolve(claim(10, 20), std::nullopt);
  CHECK(resolution.done.empty());
  CHECK(resolution.again.size() == 1);
  CHECK(resolution.conflicts.empty());
}

TEST_CASE("anything else that is stored is a conflict that tells it", "[unit]") {
  const auto stored = GENERATE(std::int64_t{0}, 9, 11, 19, 21, 1'000'000);
  const auto resolution = resolve(claim(10, 20), stored);
  CHECK(resolution.done.empty());
  CHECK(resolution.again.empty());
  REQUIRE(resolution.conflicts.size() == 1);
  CHECK(resolution.conflicts.front() == Conflict{{"orders", 0}, stored});
}

TEST_CASE("an empty range that is stored was done, and need not be tried again", "[unit]") {
  const auto resolution = resolve(claim(10, 10), 10);
  CHECK(resolution.done.size() == 1);
  CHECK(resolution.again.empty());
}

TEST_CASE("a range that goes back is told apart from one that goes on", "[unit]") {
  CHECK(resolve(claim(20, 5), 5).done.size() == 1);
  CHECK(resolve(claim(20, 5), 20).again.size() == 1);
  CHECK(resolve(claim(20, 5), 10).conflicts.size() == 1);
}

TEST_CASE("each partition's outcome is its own", "[unit]") {
  const std::vector<Claim> claims{claim(0, 5, 0), claim(0, 5, 1), claim(0, 5, 2), claim(0, 5, 3)};
  const std::vector<std::optional<std::int64_t>> stored{5, 0, 3, std::nullopt};
  const auto resolution = resolve_commit(claims, stored);
  CHECK(resolution.done == std::vector{claims[0]});
  CHECK(resolution.again == std::vector{claims[1], claims[3]});
  CHECK(resolution.conflicts == std::vector{Conflict{{"orders", 2}, 3}});
}

TEST_CASE("nothing claimed resolves to nothing", "[unit]") {
  const auto resolution = resolve_commit({}, {});
  CHECK(resolution.done.empty());
  CHECK(resolution.again.empty());
  CHECK(resolution.conflicts.empty());
}
