#ifdef TIDEMARK_EXAMPLE_PROGRAMS

#include <string>

#include "examples/example.hpp"
#include "hbase/hbase_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("example 15 takes over what a Spark job left, and goes on from there", "[hbase]") {
  const auto options = emptied_hbase();
  HBaseProbe spark{options.port, "stream_kafka_offsets"};
  if (!spark.table_exists()) spark.create_table(2'592'000);
  spark.clear();
  Example example{"15_hbase_offsets", "hbase_offsets", {"127.0.0.1:" + std::to_string(options.port), "--take-over"}};
  for (int i = 0; i < 3; ++i) example.produce_to(1, "ada", "value " + std::to_string(i));

  Process too_early{example.start()};
  CHECK(too_early.wait(patience) == ExitStatus{.code = 1});
  CHECK(says(too_early, "nothing is stored"));

  // The job had handled the first.
  spark.put("orders:billing:1700000000000", "0", "0");
  spark.put("orders:billing:1700000000000", "1", "1");
  Process process{example.start()};
  REQUIRE(says(process, "  ada = value 2\n"));
  CHECK(end(process) == ExitStatus{.code = 0});
  CHECK(says(process, "took over orders:billing:1700000000000"));
  CHECK(says(process, "the table's cells do not expire"));
  CHECK(process.output().find("value 0") == std::string::npos);
  CHECK(HBaseProbe{options.port}.row("billing:orders") == "0=0 1=3");

  Process helpless{example.start_without_arguments()};
  CHECK(helpless.wait(patience) == ExitStatus{.code = 2});
  CHECK(says(helpless, "usage:"));
}

#endif
