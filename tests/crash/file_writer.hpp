#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crash/file_writer_log.hpp"

namespace tidemark::test {

/// How a run of tidemark_file_store_writer under strace went.
struct TracedRun {
  std::map<int, WriterLog> logs;
  std::string output;
  std::string trace;
  int exit_code = -1;
};

/// The writer's command line.
std::vector<std::string> writer_command(const std::filesystem::path& directory,
                                        const std::vector<std::string>& arguments);

/// Runs the writer to its end under `strace -f -y` with these further arguments.
///
/// Errors: std::runtime_error where strace is missing or may not trace.
TracedRun run_traced(const std::filesystem::path& directory, const std::vector<std::string>& strace_arguments,
                     const std::vector<std::string>& arguments);

/// What the three partitions of a writer's thread stand at on disk; nullopt where they differ. 0 where nothing is stored.
std::optional<std::int64_t> stored_on_disk(const std::filesystem::path& directory, int thread = 0);

}  // namespace tidemark::test
