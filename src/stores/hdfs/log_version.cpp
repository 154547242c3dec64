#include "stores/hdfs/log_version.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/text_lines.hpp"

namespace tidemark::hdfs {

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<std::string_view> lines_of_version_1(std::string_view text, const std::string& path) {
  auto lines = lines_of(text);
  if (lines.empty())
    throw lasting(
        fmt::format("{} is empty: whoever wrote it did not finish. Remove it if that writer is gone; the batch "
                    "it stands for is then read again.",
                    path));
  const auto version = lines.front();
  if (version != "v1") {
    if (version.starts_with('v') && is_number(version.substr(1)))
      throw lasting(
          fmt::format("{} is of version {}, and only 1 is known: it was written by a newer Spark with a format that is "
                      "not its default. Set spark.sql.streaming.offsetLog.formatVersion and "
                      "spark.sql.streaming.stateStore.checkpointFormatVersion to 1 in the query, or name another "
                      "HdfsOffsetStoreOptions::directory.",
                      path, version.substr(1)));
    throw lasting(
        fmt::format("{} does not begin with \"v1\": it is no file of Spark Structured Streaming's checkpoint. Is "
                    "HdfsOffsetStoreOptions::directory right?",
                    path));
  }
  lines.erase(lines.begin());
  return lines;
}

}  // namespace tidemark::hdfs
