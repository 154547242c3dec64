#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark {

struct FileOffsetStoreOptions {
  /// Made when it is missing, but not its parents: a missing parent is rather a volume that is not mounted. On a local file system.
  std::filesystem::path directory;

  /// Off: a commit survives the end of the process, but the latest ones not a power failure; records are then handled again.
  bool sync = true;

  /// For looking at offsets while a consumer runs: takes no lock, writes nothing, reads the files anew on each call.
  bool read_only = false;

  /// The log is rewritten when it has grown by this much, or to twice what the offsets need, whichever is later.
  std::size_t compact_after_bytes = 4u << 20;
};

/// Offsets in files of their own, for the consumers of one process: no server, and one write and one fdatasync a batch. Commits
/// of several workers that meet share them.
///
/// A group belongs to the store object that first loaded or changed it, until that object is gone. Any other one, in this process or
/// another, is refused by a lock; give one store to all the consumers of a process. list() and read_only stores need no lock and
/// never show a commit that is not durable yet.
///
///     <directory>/<group>/offsets.log
///         tidemark-offsets 1 group=billing #6a3c1f52
///         1 orders:0=100 orders:1=250 #9d1f0b7e
///         2 orders:0=180 #11c2a0d3
///         3 orders:1=- #0fd4e6a9
///     <directory>/<group>/lock            locked (flock) by the process that it names
///     <directory>/<group>/offsets.log.new only while the log is rewritten
///
/// Line 1 names the format and the group, line 2 holds all offsets at the time of writing, each later line is one commit (or several
/// that were grouped): a sequence number that grows by one, then `topic:partition=next` for what changed, `-` for what was erased.
/// Each line ends in the CRC-32C of what stands before ` #`, in hexadecimal. In names, every byte but A-Z a-z 0-9 . _ - is written as
/// %XX; in the folder's name so is a leading dot, the empty group is `%`, and what is too long is cut and continued with a hash.
///
/// The first two lines are synced before the file is put in place by a rename, so only the last line can be torn by a crash. It
/// counts as torn when it lacks its end, or when it contains NUL bytes that fill it from or to a 512 byte sector's border; it was
/// never acknowledged then, and is dropped. Every other damage, anywhere, is an error that says how to go on: no offset is guessed.
///
/// Thread safety: shared objects safe. A child process made by fork() must not use its parent's store, and keeps the parent's locks
///                until it ends or calls exec.
/// Blocking:      as long as the disk takes.
/// Lifetime:      must outlive every consumer that was given it.
/// Errors:        StoreError. After a failed sync the group's file is in an unknown state: every later call for this group fails
///                until the store object is made anew, which reads what the file really holds. A failed write is undone.
class TIDEMARK_EXPORT FileOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  explicit FileOffsetStore(std::filesystem::path directory);
  explicit FileOffsetStore(FileOffsetStoreOptions options);
  ~FileOffsetStore() override;
  FileOffsetStore(const FileOffsetStore&) = delete;
  FileOffsetStore& operator=(const FileOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;

  /// These two are refused while another process runs the group: stop its consumers first.
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
