#include "stores/file/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "stores/file/io_error.hpp"

namespace tidemark::file {

namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

std::filesystem::path parent_of(const std::filesystem::path& path) {
  const auto whole = path.has_filename() ? path : path.parent_path();  // "offsets/" means "offsets"
  return whole.has_parent_path() ? whole.parent_path() : std::filesystem::path{"."};
}

// Also where the directory was there already: whoever made it may have ended before syncing.
void sync_entry(const std::filesystem::path& path, bool made) {
  const auto parent = parent_of(path);
  const stores::Descriptor fd{::open(parent.c_str(), directory_flags)};
  if (!fd) {
    if (!made) return;  // not ours to read, and nothing new in it
    throw io_error(fmt::format("cannot open {}", parent.string()), errno);
  }
  if (::fsync(fd.get()) != 0) throw io_error(fmt::format("cannot sync {}", parent.string()), errno);
}

bool is_same(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

}  // namespace

Directory Directory::open(const std::filesystem::path& path, IfMissing if_missing) {
  if (if_missing == IfMissing::make) {
    const bool made = ::mkdir(path.c_str(), 0777) == 0;
    if (!made && errno != EEXIST) {
      // A read-only file system or parent may well hold a directory that can be written.
      const int error = errno;
      if (::access(path.c_str(), F_OK) != 0) throw io_error(fmt::format("cannot make {}", path.string()), error);
    }
    sync_entry(path, made);
  }
  stores::Descriptor fd{::open(path.c_str(), directory_flags)};
  if (!fd) throw io_error(fmt::format("cannot open the directory {}", path.string()), errno);
  return Directory{path, std::move(fd)};
}

std::optional<Directory> Directory::child(const std::string& name, IfMissing if_missing) const {
  if (if_missing == IfMissing::make) {
    if (::mkdirat(fd_.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      throw io_error(fmt::format("cannot make {}", path_of(name)), errno);
    }
    sync();
  }
  stores::Descriptor fd{::openat(fd_.get(), name.c_str(), directory_flags)};
  if (!fd) {
    if (errno == ENOENT && if_missing == IfMissing::refuse) return std::nullopt;
    throw io_error(fmt::format("cannot open the directory {}", path_of(name)), errno);
  }
  return Directory{path_ / name, std::move(fd)};
}

std::vector<std::string> Directory::folders() const {
  const auto close = [](DIR* dir) { ::closedir(dir); };
  // Opened anew: a duplicate would share its place with other readers.
  const int fd = ::openat(fd_.get(), ".", directory_flags);
  const std::unique_ptr<DIR, decltype(close)> dir{fd < 0 ? nullptr : ::fdopendir(fd), close};
  if (!dir) throw io_error(fmt::format("cannot list {}", path_.string()), errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(dir.get());
    if (entry == nullptr && errno != 0) throw io_error(fmt::format("cannot list {}", path_.string()), errno);
    if (entry == nullptr) return names;
    struct stat status {};
    if (entry->d_name[0] != '.' && ::fstatat(fd_.get(), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode))
      names.emplace_back(entry->d_name);
  }
}

std::optional<stores::Descriptor> Directory::file(const std::string& name, int flags, unsigned mode) const {
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  stores::Descriptor fd{::openat(fd_.get(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)};
  if (!fd) {
    if (errno == ENOENT && (flags & O_CREAT) == 0) return std::nullopt;
    throw io_error(fmt::format("cannot open {}", path_of(name)), errno);
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw io_error(fmt::format("cannot look at {}", path_of(name)), errno);
  if (!S_ISREG(status.st_mode)) {
    throw StoreError{
        fmt::format("{} is not a regular file. Remove it, or choose another FileOffsetStoreOptions::directory.",
                    path_of(name)),
        StoreError::Retry::no};
  }
  return fd;
}

bool Directory::is_in_place() const {
  struct stat open {};
  struct stat at_path {};
  return ::fstat(fd_.get(), &open) == 0 && ::stat(absolute_.c_str(), &at_path) == 0 && is_same(open, at_path);
}

bool Directory::holds(const std::string& name, int file) const {
  struct stat open {};
  struct stat at_name {};
  return ::fstat(file, &open) == 0 && ::fstatat(fd_.get(), name.c_str(), &at_name, AT_SYMLINK_NOFOLLOW) == 0 &&
         is_same(open, at_name);
}

void Directory::rename(const std::string& from, const std::string& to) const {
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0) {
    throw io_error(fmt::format("cannot rename {} to {}", path_of(from), to), errno);
  }
}

void Directory::remove_if_there(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    throw io_error(fmt::format("cannot remove {}", path_of(name)), errno);
  }
}

void Directory::sync() const {
  if (::fsync(fd_.get()) != 0) throw io_error(fmt::format("cannot sync the directory {}", path_.string()), errno);
}

}  // namespace tidemark::file
