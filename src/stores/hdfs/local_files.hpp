#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include <tidemark/error.hpp>

#include "stores/hdfs/files.hpp"

namespace tidemark::hdfs {

/// A checkpoint on this machine. Keeps the hidden checksum files right that Hadoop's local file system puts beside its own.
class LocalFiles final : public Files {
 public:
  /// `root` and what is below it is made where it is missing.
  LocalFiles(std::filesystem::path root, bool sync) : root_{std::move(root)}, sync_{sync} {}

  std::optional<std::vector<Listed>> list(const std::string& folder) override;
  std::optional<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  void write(std::span<const NewFile> files) override;
  Moved move(const std::string& from, const std::string& to) override;
  std::vector<bool> remove(std::span<const std::string> paths) override;

 private:
  void write_file(const NewFile& file);
  void make_folders(const std::filesystem::path& folder);
  void sync_folder(const std::filesystem::path& folder);
  void check_broken();

  const std::filesystem::path root_;
  const bool sync_;
  std::mutex mutex_;
  std::optional<StoreError> broken_;  // after a failed sync nobody knows what the disk holds
};

}  // namespace tidemark::hdfs
