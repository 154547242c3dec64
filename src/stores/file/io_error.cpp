#include "stores/file/io_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace tidemark::file {

namespace {

std::string remedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Make room on that file system.";
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
    case EMFILE:
    case ENFILE:
      return "Raise the limit on open files (ulimit -n).";
    default:
      return "Look for the cause in the system's log.";
  }
}

StoreError::Retry may_pass(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EINTR:
      return StoreError::Retry::yes;
    default:
      return StoreError::Retry::no;
  }
}

}  // namespace

StoreError io_error(std::string_view action, int error) {
  return StoreError{fmt::format("{}: {}. {}", action, std::generic_category().message(error), remedy(error)),
                    may_pass(error)};
}

}  // namespace tidemark::file
