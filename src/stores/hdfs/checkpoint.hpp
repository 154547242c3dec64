#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stores/hdfs/files.hpp"
#include "stores/hdfs/offsets_file.hpp"

namespace tidemark::hdfs {

/// What a checkpoint says at one moment.
struct Snapshot {
  std::int64_t latest = -1;  ///< The highest batch that has offsets, done or only planned. The next one is one more.
  std::string latest_identity{};  ///< Of its file, where there is one.
  std::int64_t oldest = 0;        ///< No batch below it is left.
  OffsetsFile offsets{};          ///< Of the latest batch that is done.
  OffsetTable table{};            ///< The same, by partition.
  std::int64_t watermark_ms = 0;  ///< That its commits/<N> carries.
  std::string unfinished{};       ///< The id of the latest batch, where it is done but its commits/<N> still waits.
  bool is_crowded = false;        ///< Others are about to add a batch, too.
};

/// The files of one group's checkpoint: how they are read, and how a batch is added. The rules stand in <tidemark/stores/hdfs.hpp>.
///
/// Thread safety: distinct objects safe, as between processes; shared objects unsafe.
/// Lifetime:      `files` must outlive it.
/// Errors:        StoreError, naming the path.
class Checkpoint {
 public:
  Checkpoint(Files& files, std::string folder, std::size_t keep);

  /// What is stored, whoever stored it.
  Snapshot read();

  /// Moves the waiting commits/<N> of an unfinished batch to its place. False where `snapshot` is to be read again.
  bool finish(Snapshot& snapshot);

  /// Adds a batch to what `snapshot` says, which then says that. False, and `snapshot` is to be read again, where others were first.
  bool add(Snapshot& snapshot, const Edits& edits);

 private:
  struct Names;

  enum class Place { held, overtaken, taken_back };

  /// nullopt where it is to be read again. `missing` is then the batch below the latest one, if that is not there.
  std::optional<Snapshot> try_read(std::optional<std::int64_t>& missing);
  bool read_waiting(Snapshot& snapshot, const std::optional<OffsetsFile>& planned);
  bool read_done(Snapshot& snapshot, const std::vector<std::int64_t>& batches);
  void read_initial(Snapshot& snapshot, const std::optional<OffsetsFile>& planned);
  void refuse_dstreams();

  void write_metadata(const std::string& id);
  bool take_place(const Names& names);
  bool is_ours(const Names& names);
  bool complete(const Names& names);
  Place look_at_place(Snapshot& snapshot, const Names& names);
  void take_back(const Names& names);
  void purge(Snapshot& snapshot, std::int64_t below);
  void sweep(const std::string& folder, std::int64_t below);

  std::string offsets_path(std::int64_t batch) const;
  std::string commits_path(std::int64_t batch) const;

  Files& files_;
  const std::string folder_;
  const std::int64_t keep_;
};

}  // namespace tidemark::hdfs
