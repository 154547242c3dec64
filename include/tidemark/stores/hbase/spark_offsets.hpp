#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/stores/hbase/options.hpp>
#include <tidemark/stores/hbase/retention.hpp>

namespace tidemark {

/// What a Spark Streaming job left in HBase after its last batch.
struct HBaseSparkOffsets {
  std::string row{};                                ///< Where they were found.
  std::chrono::system_clock::time_point written{};  ///< As the row's key says.
  std::vector<StoredOffset> offsets{};              ///< By partition.
  HBaseRetention retention{};                       ///< Of that table: these offsets expire.
};

/// The newest offsets of a topic and group in the layout that Cloudera published for Spark Streaming: one row a batch with the key
/// `<topic>:<group>:<epoch ms>`, a column for each partition, the next offset as decimal text. nullopt where there is no such row.
///
///     tidemark::HBaseOffsetStoreOptions gateway{.host = "gateway"};
///     auto spark = gateway;
///     spark.table = "stream_kafka_offsets";
///     if (const auto left = tidemark::read_hbase_spark_offsets(spark, "billing", "orders"))
///       tidemark::HBaseOffsetStore{gateway}.overwrite("billing", left->offsets);
///
/// Thread safety: safe.
/// Blocking:      for a few round trips, each limited by `options.command_timeout`.
/// Errors:        StoreError that names table, row and column of what is no offset; ConfigError for options that can't work.
TIDEMARK_EXPORT std::optional<HBaseSparkOffsets> read_hbase_spark_offsets(const HBaseOffsetStoreOptions& options,
                                                                          std::string_view group,
                                                                          std::string_view topic);

}  // namespace tidemark
