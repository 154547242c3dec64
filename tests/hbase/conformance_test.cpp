#include <tidemark/stores/hbase.hpp>

#include <tidemark/testing/catch2.hpp>

#include "hbase/hbase_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;

TEST_CASE("the HBase store keeps the contract, but for all or none over several topics", "[hbase]") {
  check_conformance(
      {.storage =
           [] {
             const auto options = emptied_hbase();
             return [options] { return std::make_unique<HBaseOffsetStore>(options); };
           },
       .skip = {{"of concurrent committers exactly one moves each range",
                 "it races over two topics at once, and HBase changes one row at a time: see below for one topic"}}});
}
