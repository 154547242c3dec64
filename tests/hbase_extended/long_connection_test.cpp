#include <vector>

#include "hbase/hbase_fixture.hpp"
#include "support/cutting_proxy.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a connection goes on after more megabytes than one message may have", "[hbase]") {
  HBaseFixture fixture;
  constexpr std::int32_t partitions = 10'000;
  std::vector<OffsetRange> ranges;
  std::vector<TopicPartition> asked;
  for (std::int32_t p = 0; p < partitions; ++p) {
    ranges.push_back({{"wide", p}, 0, 9'000'000'000'000'000'000});
    asked.push_back(ranges.back().partition);
  }
  CuttingProxy proxy{fixture.options.port};
  auto options = fixture.options;
  options.port = proxy.port();
  options.max_connections = 1;
  HBaseOffsetStore store{options};
  REQUIRE_FALSE(store.commit(fixture.session, ranges));
  proxy.arm(std::nullopt);
  // Of each cell, 7 + 19 bytes and a partition's digits count: some hundred and fifty megabytes in all.
  for (int i = 0; i < 500; ++i) REQUIRE(store.load(fixture.session, asked).back() == 9'000'000'000'000'000'000);
  CHECK(proxy.passed().replies > std::size_t{150} << 20);
}
