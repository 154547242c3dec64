#include <algorithm>
#include <string>

#include "crash/file_sync_trace.hpp"
#include "crash/file_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark::test;

namespace {

const std::vector<std::string> traced{"-e", "trace=" + traced_calls};
const std::vector<std::string> fifty_commits{"--commits", "50", "--compact", "500"};

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("no commit is acknowledged before it would survive a power failure", "[crash]") {
  const TemporaryFolder folder;
  const auto run = run_traced(folder / "offsets", traced, fifty_commits);
  CAPTURE(run.output, run.trace);
  CHECK(run.logs.at(0).acked == 50);
  CHECK(count(run.trace, "renameat(") > 2);  // rewrites of the log were part of it
  CHECK(told_before_durable(run.trace) == std::vector<std::string>{});
}

TEST_CASE("a commit of many partitions is one write and one sync", "[crash]") {
  const TemporaryFolder folder;
  const auto run = run_traced(folder / "offsets", traced, {"--commits", "50"});
  CAPTURE(run.trace);
  CHECK(run.logs.at(0).acked == 50);
  CHECK(count(run.trace, "/offsets.log>, ") == 50);
  CHECK(count(run.trace, "fdatasync(") == 50);
}

TEST_CASE("with syncs turned into nothing, the check that commits are durable sees every one of them", "[crash]") {
  const TemporaryFolder folder;
  const auto run = run_traced(folder / "offsets", with(traced, {"-E", "LD_PRELOAD=libeatmydata.so"}), fifty_commits);
  CAPTURE(run.output);
  REQUIRE(run.output.find("cannot be preloaded") == std::string::npos);  // install eatmydata
  CHECK(run.logs.at(0).acked == 50);
  CHECK(told_before_durable(run.trace).size() >= 50);
}

TEST_CASE("with one kind of sync turned into nothing, the check that commits are durable sees it", "[crash]") {
  const TemporaryFolder folder;
  const auto* const call = GENERATE("fsync", "fdatasync");
  // The call says that it succeeded, and strace knows that it was not made.
  const auto run =
      run_traced(folder / "offsets", with(traced, {"-e", std::string{"inject="} + call + ":retval=0"}), fifty_commits);
  CAPTURE(run.output);
  CHECK(run.logs.at(0).acked == 50);
  std::string believed;
  for (std::size_t at = 0, end = 0; (end = run.trace.find('\n', at)) != std::string::npos; at = end + 1) {
    const auto line = run.trace.substr(at, end - at);
    if (line.find("(INJECTED)") == std::string::npos) believed += line + "\n";
  }
  CHECK(told_before_durable(believed).size() > 10);
}

TEST_CASE("a store without syncs says so in its options, and the check that commits are durable sees it", "[crash]") {
  const TemporaryFolder folder;
  const auto run = run_traced(folder / "offsets", traced, with(fifty_commits, {"--no-sync"}));
  CHECK(run.logs.at(0).acked == 50);
  CHECK(count(run.trace, "fdatasync(") == 0);
  CHECK(told_before_durable(run.trace).size() > 10);
}

TEST_CASE("a reader beside the writer sees no offset before it would survive a power failure", "[crash]") {
  const TemporaryFolder folder;
  // Slow syncs leave it the time to look.
  const auto run = run_traced(folder / "offsets", with(traced, {"-e", "inject=fdatasync:delay_exit=3000"}),
                              with(fifty_commits, {"--reader"}));
  CAPTURE(run.output, run.trace);
  CHECK(run.logs.at(0).count("seen") > 10);
  CHECK(run.output.find("mixed") == std::string::npos);
  CHECK(told_before_durable(run.trace) == std::vector<std::string>{});
}

TEST_CASE("commits of many threads that meet share a sync, and each waits for its own", "[crash]") {
  const TemporaryFolder folder;
  constexpr int threads = 8;
  const auto run = run_traced(folder / "offsets", with(traced, {"-e", "inject=fdatasync:delay_enter=5000"}),
                              {"--commits", "20", "--threads", std::to_string(threads), "--compact", "1000"});
  CAPTURE(run.output, run.trace);
  std::size_t acked = 0;
  for (const auto& [thread, log] : run.logs) acked += log.count("acked");
  CHECK(acked == 20 * threads);
  CHECK(count(run.trace, "fdatasync(") < acked / 2);
  CHECK(told_before_durable(run.trace) == std::vector<std::string>{});
  for (int thread = 0; thread < threads; ++thread) CHECK(stored_on_disk(folder / "offsets", thread) == 20);
}
