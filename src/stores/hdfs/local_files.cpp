#include "stores/hdfs/local_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "stores/common/descriptor.hpp"
#include "stores/common/file_bytes.hpp"
#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/local_error.hpp"

namespace tidemark::hdfs {

namespace {

using stores::Descriptor;

/// Hadoop's: it would not read a file whose checksum is another one's.
std::filesystem::path checksum_of(const std::filesystem::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".crc");
}

// 0, or the errno.
int rename_to_free_name(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
  // Network file systems, mostly.
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

}  // namespace

std::optional<std::vector<Listed>> LocalFiles::list(const std::string& folder) {
  check_broken();
  const auto close = [](DIR* dir) { ::closedir(dir); };
  const std::unique_ptr<DIR, decltype(close)> dir{::opendir(folder.c_str()), close};
  if (!dir) {
    if (errno == ENOENT) return std::nullopt;
    throw local_error("cannot list " + folder, errno);
  }
  std::vector<Listed> names;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(dir.get());
    if (entry == nullptr && errno != 0) throw local_error("cannot list " + folder, errno);
    if (entry == nullptr) return names;
    struct stat status {};
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) throw local_error(fmt::format("cannot look at {}/{}", folder, entry->d_name), errno);
      // Gone since. It was there, all the same: a log of which every batch was replaced between two looks is not an empty one.
      names.push_back({entry->d_name, {}});
      continue;
    }
    // The number of a removed file is used again, at another time.
    names.push_back(
        {entry->d_name,
         fmt::format("{}:{}:{}.{}", status.st_dev, status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec),
         S_ISDIR(status.st_mode)});
  }
}

std::optional<std::string> LocalFiles::read(const std::string& path) {
  check_broken();
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  const Descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd) {
    if (errno == ENOENT) return std::nullopt;
    throw local_error("cannot open " + path, errno);
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw local_error("cannot look at " + path, errno);
  if (!S_ISREG(status.st_mode)) throw lasting(path + " is not a regular file. Remove it, or restore the checkpoint.");
  std::string text;
  if (const int error = stores::read_all(fd.get(), text); error != 0) throw local_error("cannot read " + path, error);
  return text;
}

bool LocalFiles::exists(const std::string& path) {
  check_broken();
  if (::access(path.c_str(), F_OK) == 0) return true;
  if (errno == ENOENT) return false;
  throw local_error("cannot look for " + path, errno);
}

void LocalFiles::write(std::span<const NewFile> files) {
  check_broken();
  for (const auto& file : files) write_file(file);
}

void LocalFiles::write_file(const NewFile& file) {
  const auto open = [&] {
    return Descriptor{::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  };
  auto fd = open();
  if (!fd && errno == ENOENT) {
    make_folders(std::filesystem::path{file.path}.parent_path());
    fd = open();
  }
  if (!fd) throw local_error("cannot make " + file.path, errno);
  int error = stores::write_all(fd.get(), file.bytes);
  if (error == 0 && sync_ && ::fsync(fd.get()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(file.path.c_str());
  throw local_error("cannot write " + file.path, error);
}

void LocalFiles::make_folders(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0) {
    if (errno == EEXIST) return;
    if (errno != ENOENT || folder == root_) throw local_error("cannot make " + folder.string(), errno);
    make_folders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      throw local_error("cannot make " + folder.string(), errno);
  }
  sync_folder(folder.parent_path());
}

Moved LocalFiles::move(const std::string& from, const std::string& to) {
  check_broken();
  // One that is left from a file of this name that somebody removed.
  ::unlink(checksum_of(to).c_str());
  switch (const int error = rename_to_free_name(from, to)) {
    case 0:
      sync_folder(std::filesystem::path{to}.parent_path());
      return Moved::yes;
    case EEXIST:
      return Moved::target_exists;
    case ENOENT:
      return Moved::source_missing;
    default:
      throw local_error(fmt::format("cannot rename {} to {}", from, to), error);
  }
}

std::vector<bool> LocalFiles::remove(std::span<const std::string> paths) {
  check_broken();
  std::vector<bool> were_there;
  for (const auto& path : paths) {
    const bool is_removed = ::unlink(path.c_str()) == 0;
    if (!is_removed && errno != ENOENT) throw local_error("cannot remove " + path, errno);
    were_there.push_back(is_removed);
    ::unlink(checksum_of(path).c_str());
  }
  return were_there;
}

void LocalFiles::sync_folder(const std::filesystem::path& folder) {
  if (!sync_) return;
  const Descriptor fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd && ::fsync(fd.get()) == 0) return;
  const auto error = local_error("cannot sync " + folder.string(), errno);
  const std::lock_guard lock{mutex_};
  broken_.emplace(fmt::format("{} Nobody knows what the disk holds: make the HdfsOffsetStore anew once that is mended.",
                              error.what()),
                  StoreError::Retry::no);
  throw *broken_;
}

void LocalFiles::check_broken() {
  const std::lock_guard lock{mutex_};
  if (broken_) throw *broken_;
}

}  // namespace tidemark::hdfs
