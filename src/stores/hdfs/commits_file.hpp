#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::hdfs {

/// The watermark that commits/<N> carries for the next batch.
///
/// Errors: StoreError, naming `path`.
std::int64_t parse_commits_file(std::string_view text, const std::string& path);

std::string commits_file(std::int64_t next_watermark_ms);

}  // namespace tidemark::hdfs
