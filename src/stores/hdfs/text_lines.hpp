#pragma once

#include <string_view>
#include <vector>

namespace tidemark::hdfs {

/// The lines of a file as Spark splits them: "\n" or "\r\n" between them, and none that is empty at the end.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace tidemark::hdfs
