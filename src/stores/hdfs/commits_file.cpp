#include "stores/hdfs/commits_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stores/hdfs/failure.hpp"
#include "stores/hdfs/log_version.hpp"

namespace tidemark::hdfs {

std::int64_t parse_commits_file(std::string_view text, const std::string& path) {
  const auto lines = lines_of_version_1(text, path);
  if (lines.empty()) return 0;  // as Spark takes it
  const auto parsed = nlohmann::json::parse(lines[0], nullptr, false);
  const auto is_good = parsed.is_object() &&
                       (!parsed.contains("nextBatchWatermarkMs") || parsed["nextBatchWatermarkMs"].is_number_integer());
  if (!is_good)
    throw lasting(fmt::format(
        "{} line 2 is not as {{\"nextBatchWatermarkMs\":0}}. If the file was cut short, remove it: the batch it "
        "stands for is then read again.",
        path));
  return parsed.value("nextBatchWatermarkMs", std::int64_t{0});
}

std::string commits_file(std::int64_t next_watermark_ms) {
  return fmt::format("v1\n{{\"nextBatchWatermarkMs\":{}}}", next_watermark_ms);
}

}  // namespace tidemark::hdfs
