#include <tidemark/stores/hbase/spark_offsets.hpp>

#include <chrono>

#include "hbase/hbase_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// The table as the layout's authors make it: `create 'stream_kafka_offsets', {NAME => 'offsets', TTL => 2592000}`.
struct SparkTable {
  SparkTable() {
    options.table = "stream_kafka_offsets";
    if (!probe.table_exists()) probe.create_table(2'592'000);
    probe.clear();
  }

  std::optional<HBaseSparkOffsets> read(const std::string& group = "billing") {
    return read_hbase_spark_offsets(options, group, "orders");
  }

  HBaseOffsetStoreOptions options = hbase_at(HBaseServer::shared().port());
  HBaseProbe probe{HBaseServer::shared().port(), "stream_kafka_offsets"};
};

}  // namespace

TEST_CASE("the newest row that a Spark job left is read, and moves to a store of ours", "[hbase]") {
  SparkTable spark;
  CHECK(spark.read() == std::nullopt);
  for (const auto* partition : {"0", "1", "10"}) {
    spark.probe.put("orders:billing:1700000000000", partition, "5");
    spark.probe.put("orders:billing:1700000060000", partition, std::string{"60"} + partition);
  }
  // Neighbours that a careless range would take in.
  spark.probe.put("orders:billing:1800:1900000000000", "0", "1");
  spark.probe.put("orders:billing2:1900000000000", "0", "2");
  spark.probe.put("orders:billing:total", "0", "3");
  spark.probe.put("orders2:billing:1900000000000", "0", "4");

  const auto found = spark.read();
  REQUIRE(found);
  CHECK(found->row == "orders:billing:1700000060000");
  CHECK(found->written.time_since_epoch() == std::chrono::milliseconds{1'700'000'060'000});
  CHECK(found->offsets ==
        std::vector<StoredOffset>{{{"orders", 0}, 600}, {{"orders", 1}, 601}, {{"orders", 10}, 6010}});
  CHECK(found->retention.time_to_live == std::chrono::hours{24 * 30});
  CHECK(spark.read("nobody") == std::nullopt);

  HBaseFixture ours;
  ours.store->overwrite("billing", found->offsets);
  CHECK(ours.probe.row(ours.row) == "0=600 1=601 10=6010");
  CHECK(ours.store->list("billing") == found->offsets);
}

TEST_CASE("a store in a Spark job's table leaves its rows alone, and is not seen by it", "[hbase]") {
  SparkTable spark;
  spark.probe.put("orders:billing:1700000000000", "0", "600");
  HBaseOffsetStore store{spark.options};
  CHECK(store.list("orders").empty());
  const OffsetRange range{{"billing", 0}, 0, 7};
  REQUIRE_FALSE(store.commit({.group = "orders"}, {&range, 1}));
  CHECK(spark.probe.keys() == "orders:billing orders:billing:1700000000000");
  CHECK(store.list("orders") == std::vector<StoredOffset>{{{"billing", 0}, 7}});
  CHECK(spark.read()->offsets == std::vector<StoredOffset>{{{"orders", 0}, 600}});
}

TEST_CASE("a Spark job's row is found behind many of other groups", "[hbase]") {
  SparkTable spark;
  spark.probe.put("orders:billing:1700000000000", "0", "600");
  for (int i = 0; i < 25; ++i) spark.probe.put("orders:billing:19:" + std::to_string(1'900'000'000'000 + i), "0", "1");
  CHECK(spark.read()->offsets == std::vector<StoredOffset>{{{"orders", 0}, 600}});
}

TEST_CASE("garbage in a Spark job's row is an error that names the place", "[hbase]") {
  SparkTable spark;
  spark.probe.put("orders:billing:1700000000000", "0", "six");
  CHECK(says(store_error_of([&] { spark.read(); }), "stream_kafka_offsets", "orders:billing:1700000000000", "offsets:0",
             "\"six\""));
  spark.probe.put("orders:billing:1700000000001", "first", "6");
  CHECK(says(store_error_of([&] { spark.read(); }), "orders:billing:1700000000001", "\"first\""));
}
