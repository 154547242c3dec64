#pragma once

#include <string_view>

#include <tidemark/error.hpp>

namespace tidemark::hdfs {

/// The error for a failed system call: `action` reads "cannot open /a/b", `error` is its errno.
StoreError local_error(std::string_view action, int error);

}  // namespace tidemark::hdfs
