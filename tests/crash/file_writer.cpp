#include "crash/file_writer.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <tidemark/stores/file.hpp>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;

namespace tidemark::test {

std::vector<std::string> writer_command(const std::filesystem::path& directory,
                                        const std::vector<std::string>& arguments) {
  std::vector<std::string> command{TIDEMARK_FILE_STORE_WRITER, directory.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

TracedRun run_traced(const std::filesystem::path& directory, const std::vector<std::string>& strace_arguments,
                     const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  const auto trace = folder / "trace";
  std::vector<std::string> command{"strace", "-f", "-y", "-s", "100000", "-o", trace.string()};
  command.insert(command.end(), strace_arguments.begin(), strace_arguments.end());
  for (auto& word : writer_command(directory, arguments)) command.push_back(std::move(word));
  // A traced process can't be looked over for leaks, and a preloaded library may come before the sanitizer's.
  Process process{{.command = command,
                   .environment = {{"ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0"}},
                   .working_folder = {},
                   .output_file = {}}};
  const auto end = process.wait(60s);
  if (!end || !end->code) throw std::runtime_error{"the traced writer did not end: " + process.output()};

  TracedRun run;
  run.exit_code = *end->code;
  run.output = process.output();
  run.logs = read_writer_logs(run.output);
  std::ifstream file{trace};
  run.trace.assign(std::istreambuf_iterator<char>{file}, {});
  if (run.trace.find("+++") == std::string::npos) {
    throw std::runtime_error{"strace did not trace; install it, and allow ptrace where this runs. It said: " +
                             run.output};
  }
  return run;
}

std::optional<std::int64_t> stored_on_disk(const std::filesystem::path& directory, int thread) {
  FileOffsetStore store{directory};
  std::vector<TopicPartition> partitions;
  for (int partition = 0; partition < 3; ++partition) partitions.push_back({"t" + std::to_string(thread), partition});
  const auto stored = store.load(GroupSession{"crash"}, partitions);
  if (stored[0] != stored[1] || stored[1] != stored[2]) return std::nullopt;
  return stored[0].value_or(0);
}

}  // namespace tidemark::test
