#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

/// What a tidemark_file_store_writer said of one thread.
struct WriterLog {
  std::optional<std::int64_t> start;
  std::int64_t acked = 0;      ///< The last offset that was acknowledged; where it started until then.
  std::int64_t attempted = 0;  ///< The last offset that it tried to commit, as far as it is known.
  std::vector<std::string> lines;

  bool has(std::string_view event) const;
  std::size_t count(std::string_view event) const;
};

/// By thread. The last line may be cut: its writer may have been killed.
std::map<int, WriterLog> read_writer_logs(std::string_view output);

}  // namespace tidemark::test
