#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::hdfs {

/// The lines of a log file, without the first, which must say "v1".
///
/// Errors: StoreError, naming `path`.
std::vector<std::string_view> lines_of_version_1(std::string_view text, const std::string& path);

}  // namespace tidemark::hdfs
