#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <map>
#include <string>
#include <tuple>

#include <tidemark/error.hpp>

/// All offsets in one text file, a line each: "group" "topic" partition next. Read and written as a whole; for one process.
class OffsetFile {
 public:
  using Key = std::tuple<std::string, std::string, std::int32_t>;  // group, topic, partition
  using Offsets = std::map<Key, std::int64_t>;

  explicit OffsetFile(const std::filesystem::path& path)
      : path_{std::filesystem::absolute(path)},
        lock_{::open((path_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)} {
    if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
    const int why = errno;
    if (lock_ >= 0) ::close(lock_);
    fail("lock", why);
  }
  ~OffsetFile() { ::close(lock_); }
  OffsetFile(const OffsetFile&) = delete;
  OffsetFile& operator=(const OffsetFile&) = delete;

  Offsets read() const {
    Offsets offsets;
    if (!std::filesystem::exists(path_)) return offsets;
    std::ifstream in{path_};
    std::string group, topic;
    std::int32_t partition = 0;
    std::int64_t next = 0;
    while (!(in >> std::ws).eof()) {
      // Damage must not pass for "nothing stored": the consumer would start again from the beginning.
      if (!(in >> std::quoted(group) >> std::quoted(topic) >> partition >> next)) fail("understand", errno);
      offsets[{group, topic, partition}] = next;
    }
    return offsets;
  }

  /// Whoever reads afterwards, also after a crash, finds the old file or the new one, and either is whole.
  void write(const Offsets& offsets) const {
    const auto fresh = path_.string() + ".new";
    std::ofstream out{fresh};
    for (const auto& [key, next] : offsets) {
      const auto& [group, topic, partition] = key;
      out << std::quoted(group) << ' ' << std::quoted(topic) << ' ' << partition << ' ' << next << '\n';
    }
    out.close();
    if (!out) fail("write", errno);
    sync(fresh);
    std::filesystem::rename(fresh, path_);
    sync(path_.parent_path());
  }

 private:
  void sync(const std::filesystem::path& path) const {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int why = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) fail("sync", why);
  }

  [[noreturn]] void fail(const std::string& what, int why) const {
    throw tidemark::StoreError{
        "cannot " + what + " " + path_.string() + (why ? ": " + std::string{std::strerror(why)} : ""),
        tidemark::StoreError::Retry::no};
  }

  std::filesystem::path path_;
  int lock_;
};
