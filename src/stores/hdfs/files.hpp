#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tidemark::hdfs {

struct NewFile {
  std::string path;
  std::string bytes;
};

/// A name in a folder. Another file that takes the name later has another identity; one that is gone again by now has none.
struct Listed {
  std::string name;
  std::string identity;
  bool is_folder = false;
};

/// What became of moving a file to a name that must be free.
enum class Moved { yes, target_exists, source_missing };

/// The file system that a checkpoint is in, as far as it needs one. Paths are absolute.
///
/// Thread safety: shared objects safe.
/// Errors:        StoreError, naming the path. Whether a change took place is then unknown.
class Files {
 public:
  virtual ~Files() = default;

  /// The names in a folder; nullopt where there is no such folder.
  virtual std::optional<std::vector<Listed>> list(const std::string& folder) = 0;

  virtual std::optional<std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;

  /// Files that have these bytes, whole and durable on return, and their folders. Under names that nobody reads: an error may leave parts.
  virtual void write(std::span<const NewFile> files) = 0;

  /// Durable on return, and atomic: of several movers to one name, one gets it.
  virtual Moved move(const std::string& from, const std::string& to) = 0;

  /// Whether each was there.
  virtual std::vector<bool> remove(std::span<const std::string> paths) = 0;
};

}  // namespace tidemark::hdfs
