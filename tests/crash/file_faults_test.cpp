#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "crash/file_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark::test;

namespace {

struct Fault {
  std::string call;
  std::string error;
};

/// Runs the writer and lets the Nth of these calls on the store's files fail; nullopt where there are fewer.
std::optional<TracedRun> run_with(const Fault& fault, int nth, const std::filesystem::path& directory) {
  std::vector<std::string> arguments;
  const auto group = directory / "crash";
  for (const auto& path :
       {directory.parent_path(), directory, group, group / "lock", group / "offsets.log", group / "offsets.log.new"}) {
    arguments.insert(arguments.end(), {"-P", path.string()});
  }
  arguments.insert(arguments.end(),
                   {"-e", "trace=?" + fault.call, "-e",
                    "inject=?" + fault.call + ":error=" + fault.error + ":when=" + std::to_string(nth)});
  auto run = run_traced(directory, arguments, {"--commits", "12", "--compact", "100"});
  if (run.trace.find("(INJECTED)") == std::string::npos) return std::nullopt;
  return run;
}

/// Whatever failed, wherever: what was acknowledged is there, nothing is that was not tried, and commits are whole.
void check_promise(const TracedRun& run, const std::filesystem::path& directory) {
  const auto log = run.logs.contains(0) ? run.logs.at(0) : WriterLog{};
  CAPTURE(run.output, run.trace);
  REQUIRE((run.exit_code == 0 || run.exit_code == 2));  // 2: it said why it refuses
  REQUIRE_FALSE(log.has("conflict"));
  const auto stored = stored_on_disk(directory);
  REQUIRE(stored);
  REQUIRE(*stored >= log.acked);
  REQUIRE(*stored <= log.attempted);
  // Every failure has a text with the path, the cause, and what to do.
  for (const auto& line : log.lines) {
    if (!line.starts_with("failed")) continue;
    REQUIRE(line.find(directory.string()) != std::string::npos);
    REQUIRE(line.ends_with("."));
  }
}

/// The fault at the first call, the second, … until there is none; returns how many there were.
template <class Check>
int at_each_call(const Fault& fault, Check check) {
  for (int nth = 1;; ++nth) {
    const TemporaryFolder folder;
    const auto directory = folder / "offsets";
    const auto run = run_with(fault, nth, directory);
    if (!run) return nth - 1;
    CAPTURE(fault.call, fault.error, nth);
    check_promise(*run, directory);
    check(*run);
  }
}

}  // namespace

TEST_CASE("after a failed sync of the log nothing is reported as stored any more, and nothing is retried", "[crash]") {
  const auto* const error = GENERATE("EIO", "ENOSPC");
  const auto faults = at_each_call({"fdatasync", error}, [](const TracedRun& run) {
    const auto& log = run.logs.at(0);
    CAPTURE(run.output, run.trace);
    // The commit, the load, and the commit again.
    REQUIRE(log.count("failed") == 2);
    REQUIRE(log.has("unloadable"));
    REQUIRE(log.count("acked") == static_cast<std::size_t>(log.acked));
    REQUIRE(log.attempted == log.acked + 1);
    REQUIRE(log.lines.back().find(" final ") != std::string::npos);
    REQUIRE(log.lines.back().find("anew") != std::string::npos);
    // The failed call is the last one.
    const auto failed = run.trace.find("(INJECTED)");
    REQUIRE(run.trace.find("fdatasync(", failed) == std::string::npos);
  });
  CHECK(faults == 12);
}

TEST_CASE("a failed write is undone, and the next commit goes through", "[crash]") {
  const auto* const error = GENERATE("EIO", "ENOSPC");
  int undone = 0;
  at_each_call({"write", error}, [&](const TracedRun& run) {
    CAPTURE(run.output, run.trace);
    if (run.trace.find("offsets.log>") == std::string::npos) return;  // the store could not be made
    const auto& log = run.logs.at(0);
    REQUIRE(log.acked == 12);
    if (!log.has("failed")) return;  // while compacting: that can wait
    ++undone;
    REQUIRE(log.count("failed") == 1);
    const auto failed =
        *std::ranges::find_if(log.lines, [](const auto& line) { return line.starts_with("failed 0 "); });
    REQUIRE(log.has("loaded 0 " + std::to_string(std::stoll(failed.substr(9)) - 1)));
    REQUIRE((run.output.find(" retryable ") != std::string::npos) == (std::string_view{error} == "ENOSPC"));
  });
  CHECK(undone == 12);
}

TEST_CASE("a write that fails and can't be undone ends the use of the file", "[crash]") {
  const TemporaryFolder folder;
  const auto directory = folder / "offsets";
  const auto run = run_traced(directory,
                              {"-P", (directory / "crash/offsets.log").string(), "-e", "trace=write,ftruncate", "-e",
                               "inject=write:error=ENOSPC:when=3", "-e", "inject=ftruncate:error=EIO:when=1"},
                              {"--commits", "12"});
  check_promise(run, directory);
  const auto& log = run.logs.at(0);
  CHECK(log.acked == 2);
  CHECK(log.count("failed") == 2);
  CHECK(log.has("unloadable"));
}

TEST_CASE("whichever call fails, nothing acknowledged is lost and nothing is made up", "[crash]") {
  const auto* const error = GENERATE("EIO", "ENOSPC");
  int faults = 0;
  for (const auto* const call : {"fsync", "renameat", "openat", "open", "mkdir", "mkdirat", "unlinkat", "flock",
                                 "ftruncate", "pwrite64", "read", "fstat"}) {
    faults += at_each_call({call, error}, [](const TracedRun&) {});
  }
  CHECK(faults > 20);
}

TEST_CASE("after the folder could not be synced the log is not used any more", "[crash]") {
  int broken = 0;
  at_each_call({"fsync", "EIO"}, [&](const TracedRun& run) {
    CAPTURE(run.output, run.trace);
    const auto failed = run.trace.substr(0, run.trace.find("(INJECTED)"));
    const bool folder_failed = failed.substr(failed.rfind("fsync(")).find("/crash>") != std::string::npos;
    if (!folder_failed || !run.logs.contains(0) || run.logs.at(0).acked == 12) return;  // or nobody asked any more
    ++broken;
    const auto& log = run.logs.at(0);
    REQUIRE(log.count("failed") == 2);
    REQUIRE(log.has("unloadable"));
  });
  CHECK(broken >= 2);
}

TEST_CASE("a disk that fills up within a record leaves whole records only", "[crash]") {
  // A limit on the file's size cuts a real write short, as a full disk does.
  bool cut_within_a_record = false;
  for (int limit = 1500; limit < 1540; ++limit) {
    const TemporaryFolder folder;
    const auto directory = folder / "offsets";
    const auto run = run_traced(directory, {"-e", "trace=write,ftruncate"},
                                {"--commits", "100", "--file-limit", std::to_string(limit)});
    CAPTURE(limit);
    check_promise(run, directory);
    const auto& log = run.logs.at(0);
    CAPTURE(run.output);
    REQUIRE(log.count("failed") == 2);
    REQUIRE(log.has("loaded 0 " + std::to_string(log.acked)));
    REQUIRE(run.output.find("ulimit -f") != std::string::npos);
    if (run.trace.find("EFBIG") != std::string::npos && run.trace.find("ftruncate") != std::string::npos) {
      cut_within_a_record = true;
    }
  }
  CHECK(cut_within_a_record);
}
