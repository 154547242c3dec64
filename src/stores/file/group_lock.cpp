#include "stores/file/group_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "stores/file/io_error.hpp"

namespace tidemark::file {

namespace {

const std::string lock_name = "lock";

// Whoever may open the file could hold the lock.
constexpr mode_t owner_only = 0600;

std::string holder(int fd) {
  std::array<char, 32> text{};
  const auto size = ::pread(fd, text.data(), text.size(), 0);
  std::string_view pid{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  pid = pid.substr(0, pid.find('\n'));
  const bool known = !pid.empty() && std::ranges::all_of(pid, [](char c) { return c >= '0' && c <= '9'; });
  if (!known) return "another process, or another FileOffsetStore in this one";
  if (pid == std::to_string(::getpid())) return fmt::format("another FileOffsetStore in this process ({})", pid);
  return fmt::format("process {}, or a child that it forked", pid);
}

}  // namespace

GroupLock::GroupLock(const Directory& folder) : file_{*folder.file(lock_name, O_RDWR | O_CREAT, owner_only)} {
  const auto path = folder.path_of(lock_name);
  ::fchmod(file_.get(), owner_only);  // one that an earlier version made; refused where it is another user's
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw io_error(fmt::format("cannot lock {}", path), errno);
    throw StoreError{
        fmt::format("{} is locked by {}. A FileOffsetStore serves one process: give one store object to all its "
                    "consumers of a group, and use a store on a server to spread a group over processes. To look "
                    "at offsets only, call list() or set FileOffsetStoreOptions::read_only.",
                    path, holder(file_.get())),
        StoreError::Retry::yes};
  }
  // Only said in the error above, so that a full disk does not matter here.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file_.get(), 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(file_.get(), pid.data(), pid.size(), 0);
}

}  // namespace tidemark::file
