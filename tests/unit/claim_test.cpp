#include "core/claim.hpp"

#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;

namespace {

Claim claim(std::int32_t partition, std::int64_t from, std::int64_t until, std::uint64_t ownership = 1) {
  return {{{"orders", partition}, from, until}, ownership};
}

}  // namespace

TEST_CASE("claims of later batches lengthen those of earlier ones, and count their batches", "[unit]") {
  std::vector<Claim> claims{claim(0, 10, 20), claim(1, 5, 6)};
  merge(claims, std::vector{claim(1, 6, 9), claim(2, 0, 3)});
  merge(claims, std::vector{claim(1, 9, 11)});
  auto merged = claim(1, 5, 11);
  merged.batches = 3;
  CHECK(claims == std::vector{claim(0, 10, 20), merged, claim(2, 0, 3)});
}

TEST_CASE("claims stay in the order of their partitions", "[unit]") {
  std::vector<Claim> claims{claim(1, 10, 20)};
  merge(claims, std::vector{claim(0, 0, 5), claim(2, 0, 3)});
  CHECK(claims == std::vector{claim(0, 0, 5), claim(1, 10, 20), claim(2, 0, 3)});
}

TEST_CASE("a claim of an older ownership gives way to the newer one", "[unit]") {
  std::vector<Claim> claims{claim(0, 10, 20, 1)};
  merge(claims, std::vector{claim(0, 3, 8, 2)});
  CHECK(claims == std::vector{claim(0, 3, 8, 2)});
}

TEST_CASE("merging nothing changes nothing", "[unit]") {
  std::vector<Claim> claims{claim(0, 10, 20)};
  merge(claims, {});
  CHECK(claims == std::vector{claim(0, 10, 20)});
}
