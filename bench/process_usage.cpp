#include "process_usage.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace tidemark::bench {
namespace {

std::uint64_t wakeups_of(const std::filesystem::path& task) {
  constexpr std::string_view name = "voluntary_ctxt_switches:";
  std::ifstream status{task / "status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  return 0;
}

double cpu_seconds_of(const std::filesystem::path& task) {
  std::ifstream schedule{task / "schedstat"};
  double ns = 0;
  schedule >> ns;
  return ns / 1e9;
}

}  // namespace

ProcessUsage usage_of(pid_t pid) {
  ProcessUsage usage;
  for (const auto& task : std::filesystem::directory_iterator{fmt::format("/proc/{}/task", pid)}) {
    usage.cpu_seconds += cpu_seconds_of(task.path());
    usage.wakeups += wakeups_of(task.path());
  }
  return usage;
}

}  // namespace tidemark::bench
