#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::stores {

/// What mends a failed system call, whatever options the store has.
inline std::string_view usual_remedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Make room on that file system.";
    case EMFILE:
    case ENFILE:
      return "Raise the limit on open files (ulimit -n).";
    default:
      return "Look for the cause in the system's log.";
  }
}

/// Whether the same call may go through later: others use up what it lacks, and free it.
inline bool may_pass(int error) {
  return error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE || error == ENOMEM;
}

/// The error for a failed system call: `action` reads "cannot open /a/b", `error` is its errno.
inline StoreError io_error(std::string_view action, int error, std::string_view remedy, bool may_pass) {
  return StoreError{fmt::format("{}: {}. {}", action, std::generic_category().message(error), remedy),
                    may_pass ? StoreError::Retry::yes : StoreError::Retry::no};
}

}  // namespace tidemark::stores
