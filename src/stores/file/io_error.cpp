#include "stores/file/io_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "stores/common/io_error.hpp"

namespace tidemark::file {

namespace {

std::string remedy(int error) {
  switch (error) {
    case EFBIG:
      return "Raise the process's limit on file sizes (ulimit -f), or lower "
             "FileOffsetStoreOptions::compact_after_bytes.";
    case EACCES:
    case EPERM:
    case EROFS:
      return fmt::format(
          "Make it writable for user {}, or choose another FileOffsetStoreOptions::directory; to look at "
          "offsets only, set FileOffsetStoreOptions::read_only.",
          ::geteuid());
    case ENOENT:
    case ENOTDIR:
      return "Is the volume mounted, and FileOffsetStoreOptions::directory right? Its parent must exist.";
    case ELOOP:
      return "It is a symbolic link: only the directory itself, or a group's whole folder, may be one.";
    default:
      return std::string{stores::usual_remedy(error)};
  }
}

}  // namespace

StoreError io_error(std::string_view action, int error) {
  return stores::io_error(action, error, remedy(error), stores::may_pass(error) || error == EINTR);
}

}  // namespace tidemark::file
