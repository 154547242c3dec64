#include "crash/file_writer_log.hpp"

#include <algorithm>
#include <sstream>

namespace tidemark::test {

bool WriterLog::has(std::string_view event) const { return count(event) > 0; }

std::size_t WriterLog::count(std::string_view event) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.starts_with(event); }));
}

std::map<int, WriterLog> read_writer_logs(std::string_view output) {
  std::map<int, WriterLog> logs;
  for (std::size_t at = 0, end = 0; (end = output.find('\n', at)) != std::string_view::npos; at = end + 1) {
    const std::string line{output.substr(at, end - at)};
    std::istringstream words{line};
    std::string event;
    int thread = 0;
    std::int64_t next = 0;
    if (!(words >> event >> thread)) continue;
    auto& log = logs[thread];
    log.lines.push_back(line);
    if (!(words >> next)) continue;
    if (event == "start") log.start = log.acked = log.attempted = next;
    if (event == "acked") log.acked = next;
    if (event == "acked" || event == "failed") log.attempted = std::max(log.attempted, next);
  }
  return logs;
}

}  // namespace tidemark::test
