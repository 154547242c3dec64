#include "stores/hdfs/local_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "stores/common/io_error.hpp"

namespace tidemark::hdfs {

namespace {

std::string remedy(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return fmt::format("Make it accessible for user {}, or choose another HdfsOffsetStoreOptions::directory.",
                         ::geteuid());
    case ENOENT:
    case ENOTDIR:
      return "Is the volume mounted, and HdfsOffsetStoreOptions::directory right? Its parent must exist.";
    default:
      return std::string{stores::usual_remedy(error)};
  }
}

}  // namespace

StoreError local_error(std::string_view action, int error) {
  return stores::io_error(action, error, remedy(error), stores::may_pass(error));
}

}  // namespace tidemark::hdfs
