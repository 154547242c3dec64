#include "stores/hdfs/local_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace tidemark::hdfs {

namespace {

std::string remedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Make room on that file system.";
    case EACCES:
    case EPERM:
    case EROFS:
      return fmt::format("Make it accessible for user {}, or choose another HdfsOffsetStoreOptions::directory.",
                         ::geteuid());
    case ENOENT:
    case ENOTDIR:
      return "Is the volume mounted, and HdfsOffsetStoreOptions::directory right? Its parent must exist.";
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
      return StoreError::Retry::yes;
    default:
      return StoreError::Retry::no;
  }
}

}  // namespace

StoreError local_error(std::string_view action, int error) {
  return StoreError{fmt::format("{}: {}. {}", action, std::generic_category().message(error), remedy(error)),
                    may_pass(error)};
}

}  // namespace tidemark::hdfs
