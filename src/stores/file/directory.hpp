#pragma once

#include <filesystem>
#include <optional>
#include <string>

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

  /// A regular file; nullopt where there is none and `flags` do not make it.
  std::optional<stores::Descriptor> file(const std::string& name, int flags) const;

  void rename(const std::string& from, const std::string& to) const;
  void remove_if_there(const std::string& name) const;

  /// What was made, renamed or removed in it survives a power failure from here on.
  void sync() const;

  std::string path_of(const std::string& name) const { return (path_ / name).string(); }

 private:
  Directory(std::filesystem::path path, stores::Descriptor fd) : path_{std::move(path)}, fd_{std::move(fd)} {}

  std::filesystem::path path_;
  stores::Descriptor fd_;
};

}  // namespace tidemark::file
