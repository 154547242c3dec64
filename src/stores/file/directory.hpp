#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stores/common/descriptor.hpp"

namespace tidemark::file {

/// An open directory; what it holds is addressed by names below it.
///
/// Errors: StoreError, naming the path.
class Directory {
 public:
  enum class IfMissing { make, refuse };

  /// A directory made here is synced into its parent, so that it can't vanish together with the offsets in it.
  static Directory open(const std::filesystem::path& path, IfMissing if_missing);

  /// nullopt where there is none and none is to be made.
  std::optional<Directory> child(const std::string& name, IfMissing if_missing) const;

  /// The names of the directories in it, but hidden ones, in no order.
  std::vector<std::string> folders() const;

  /// A regular file; nullopt where there is none and `flags` do not make it.
  std::optional<stores::Descriptor> file(const std::string& name, int flags, unsigned mode = 0666) const;

  /// Whether this is still the directory that its path leads to. Moved away, it would be one more of the same name.
  bool is_in_place() const;
  /// Whether `name` in it is this open file.
  bool holds(const std::string& name, int file) const;

  void rename(const std::string& from, const std::string& to) const;
  void remove_if_there(const std::string& name) const;

  /// What was made, renamed or removed in it survives a power failure from here on.
  void sync() const;

  std::string path_of(const std::string& name) const { return (path_ / name).string(); }

 private:
  Directory(std::filesystem::path path, stores::Descriptor fd)
      : path_{std::move(path)}, absolute_{std::filesystem::absolute(path_)}, fd_{std::move(fd)} {}

  std::filesystem::path path_;
  std::filesystem::path absolute_;  // for the working directory may change
  stores::Descriptor fd_;
};

}  // namespace tidemark::file
