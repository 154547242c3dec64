#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/hdfs/options.hpp>

namespace tidemark {

/// Offsets in the checkpoint of a Spark Structured Streaming query, in HDFS (by WebHDFS) or in a local directory: either can go on where
/// the other has stopped. Many processes may commit as one group, each for its own partitions.
///
///     tidemark::HdfsOffsetStore store{"webhdfs://namenode:9870/checkpoints"};
///
/// Format: what Spark 2.2 to 4.1 write by default, and Spark's names for it. For each batch N two files:
///
///     <directory>/<group>/offsets/<N>     v1
///                                         {"batchWatermarkMs":0,"batchTimestampMs":1700000000000,"conf":{"tidemark.commit":"9b…"}}
///                                         {"orders":{"0":514,"1":17},"refunds":{"0":3}}
///     <directory>/<group>/commits/<N>     v1
///                                         {"nextBatchWatermarkMs":0}
///     <directory>/<group>/metadata        {"id":"4e…"}            once, as Spark writes it
///
/// The third line is of the query's first Kafka source, a fourth of its second; "-" stands for a source without offsets. What is stored
/// is the offsets of the highest N that has both files. A batch that Spark had planned but not finished (no commits/N) is not counted, so
/// its records are read again; without any finished batch it is the query's first offsets, sources/<i>/0. Settings and watermark of
/// Spark's last batch are carried on. In a group's folder name every byte but A-Z a-z 0-9 . _ - is written as =XX, a leading dot, too;
/// what is too long is cut and continued with a hash.
///
/// A commit is a new batch. Both files are written whole under names that nobody reads (.<N>.<id>.tidemark), then moved to offsets/<N> and
/// commits/<N>, never over an existing file: of several writers one gets N, the others look again, check that their own partitions
/// still stand at `from`, and take the next N with the partitions of both. The first move decides. Who finds it without the second one (a
/// crash in between) makes up for that, by the id in the offsets and the file that waits beside the commits. Batches older than
/// `keep_batches` are removed. After the first move the folder is listed: the batch before must still be the file that this one was built
/// on, and none may be later. Otherwise the folder was removed under the writer and made anew: the writer takes its batch back and
/// reads again.
///
/// Spark itself must not run on a checkpoint at the same time. State of aggregations and joins is not offsets: it stays behind.
///
/// Thread safety: shared objects safe; commits of one group that meet become one batch. Don't carry one across fork().
/// Blocking:      a commit for seven to nine HTTP requests, a load for five; each at most `request_timeout`, twice that with an HA pair. Ends
///                earlier with GroupSession's deadline or stop. On a local directory as long as the disk takes.
/// Lifetime:      must outlive every consumer that was given it. The first store with name nodes calls curl_global_init(): where libcurl is
///                older than 7.84 and the program has threads by then, call it first yourself.
/// Errors:        StoreError, with HDFS's own words and the path; retryable where time, a restart or a fail-over may mend it. Files that
///                are not as above are an error, never skipped; so is a checkpoint of Spark Streaming (DStreams), which is Java-serialised.
///                The constructor throws ConfigError for options that can't work, and asks no server. No credential is in any text.
class TIDEMARK_EXPORT HdfsOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  explicit HdfsOffsetStore(HdfsOffsetStoreOptions options);
  /// See hdfs_options().
  explicit HdfsOffsetStore(std::string_view url);
  ~HdfsOffsetStore() override;

  HdfsOffsetStore(const HdfsOffsetStore&) = delete;
  HdfsOffsetStore& operator=(const HdfsOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  /// Writes nothing, so it needs no more than the right to read.
  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
