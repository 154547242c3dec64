#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <tidemark/topic_partition.hpp>

#include "stores/common/offsets.hpp"

namespace tidemark::hdfs {

/// Next offsets by partition.
using OffsetTable = std::map<TopicPartition, std::int64_t>;

using stores::Edits;

/// What offsets/<N> holds.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class OffsetsFile {
 public:
  /// Errors: StoreError, naming `path` and the line.
  static OffsetsFile parse(std::string_view text, const std::string& path);

  /// The same for a batch that is not known to be done: nullopt where its writer died before the end.
  ///
  /// Errors: StoreError where it is of a format that is not known here.
  static std::optional<OffsetsFile> parse_planned(std::string_view text, const std::string& path);

  /// Of all sources together.
  ///
  /// Errors: StoreError where two sources read the same partition and stand apart.
  OffsetTable table(const std::string& path) const;

  /// A changed partition stays with the sources that have it; a new one goes to the first source that has its topic, or to the last.
  void apply(const Edits& edits);

  /// Sets the first offsets of one source: those that its sources/<i>/0 names.
  ///
  /// Errors: StoreError, naming `path`.
  void read_initial(std::size_t source, std::string_view text, const std::string& path);

  /// What tidemark marked this file with; empty where somebody else wrote it.
  std::string commit_id() const;
  /// Marks it as written now, by us.
  void stamp(const std::string& commit_id, std::int64_t now_ms);

  /// No batch counts for less than the watermark of the one before.
  void raise_watermark(std::int64_t watermark_ms);

  /// How many sources the query has.
  std::size_t sources() const { return sources_.size(); }
  /// The same sources, and no offsets.
  void clear_offsets();

  std::string text() const;

 private:
  using Partitions = std::map<std::int32_t, std::int64_t>;
  using Source = std::map<std::string, Partitions>;

  static Source parse_source(std::string_view line, const std::string& where);
  Source& home_of(const TopicPartition& partition);

  nlohmann::json metadata_ = nlohmann::json::object();
  std::vector<std::optional<Source>> sources_;
};

}  // namespace tidemark::hdfs
