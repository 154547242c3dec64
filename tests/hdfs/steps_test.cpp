#include <iostream>
#include <map>
#include <sstream>

#include "hdfs/local_checkpoint.hpp"
#include "support/process.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

// All that a commit does to files. What else is called so, such as the loader's, is before the first of them.
const std::string steps = "mkdir,openat,write,fsync,renameat2,unlink";
constexpr int commits = 4;
constexpr const char* keep = "2";

struct Run {
  ExitStatus end;
  std::int64_t acked = 0;
  std::string output;
};

Run run(const LocalCheckpoint& checkpoint, std::vector<std::string> strace) {
  std::vector<std::string> command{"strace"};
  command.insert(command.end(), strace.begin(), strace.end());
  for (const auto& word :
       std::vector<std::string>{TIDEMARK_HDFS_WRITER, "file://" + checkpoint.folder.path().string() + "?group=billing",
                                keep, std::to_string(commits)})
    command.push_back(word);
  // A traced process can't be looked over for leaks.
  Process process{{.command = command, .environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}}};
  const auto end = process.wait(60s);
  REQUIRE(end);
  Run result{*end, 0, process.output()};
  std::istringstream lines{result.output};
  for (std::string word, text; lines >> word && std::getline(lines, text);)
    if (word == "start" || word == "acked") result.acked = std::stoll(text);
  return result;
}

/// What Spark would go on from.
std::optional<int> highest_in_both(const LocalCheckpoint& checkpoint) {
  std::optional<int> highest;
  if (!checkpoint.has("offsets") || !checkpoint.has("commits")) return highest;
  for (const auto& name : checkpoint.names("offsets"))
    if (name.front() != '.' && checkpoint.has("commits/" + name))
      highest = std::max(highest.value_or(-1), std::stoi(name));
  return highest;
}

/// How often an undisturbed run calls each.
std::map<std::string, int> count_steps() {
  const LocalCheckpoint checkpoint;
  const auto trace = checkpoint.folder / "trace";
  const auto whole = run(checkpoint, {"-o", trace, "-e", "trace=" + steps});
  INFO(whole.output);
  REQUIRE(whole.end.code == 0);
  std::map<std::string, int> counts;
  std::istringstream lines{checkpoint.get("trace")};
  for (std::string line; std::getline(lines, line);)
    if (const auto name = line.substr(0, line.find('(')); steps.find(name) != std::string::npos) ++counts[name];
  return counts;
}

}  // namespace

TEST_CASE("a commit to a local directory that is killed at any step is there, or not, and in no one's way", "[hdfs]") {
  int kills = 0;
  for (const auto& [step, count] : count_steps()) {
    for (int at = 1; at <= count; ++at) {
      const LocalCheckpoint checkpoint;
      const auto killed = run(checkpoint, {"-qq", "-o", "/dev/null", "-e",
                                           "inject=" + step + ":signal=SIGKILL:when=" + std::to_string(at)});
      CAPTURE(step, at, killed.output);
      REQUIRE(killed.end.signal == SIGKILL);
      ++kills;
      const auto seen_by_spark = highest_in_both(checkpoint);
      REQUIRE(seen_by_spark.value_or(-1) + 1 >= killed.acked);

      auto options = checkpoint.options;
      options.keep_batches = std::stoul(keep);
      HdfsOffsetStore store{options};
      GroupView group{store, "billing"};
      const auto stored = group.next().value_or(0);
      REQUIRE(stored >= killed.acked);
      REQUIRE(stored <= killed.acked + 1);
      REQUIRE(seen_by_spark.value_or(-1) + 1 <= stored);
      if (stored > 0) REQUIRE(*highest_in_both(checkpoint) + 1 == stored);
      for (auto next = stored; next < stored + 4; ++next) REQUIRE_FALSE(group.commit(orders(next, next + 1)));
      REQUIRE(group.next() == stored + 4);
      // Nothing is left of the killed commit.
      const auto names = checkpoint.names("offsets");
      REQUIRE(names.size() == 2);
      REQUIRE(checkpoint.names("commits") == names);
    }
  }
  CHECK(kills > 60);
  std::cout << "hdfs: killed at " << kills << " steps of a commit" << std::endl;
}

TEST_CASE("an acknowledged commit to a local directory is on the disk: both files, then both names", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, R"({"orders":{"0":0}})");
  const auto trace = checkpoint.folder / "trace";
  REQUIRE(run(checkpoint, {"-y", "-o", trace, "-e", "trace=write,fsync,renameat2"}).end.code == 0);
  const auto text = checkpoint.get("trace");
  std::string order;
  std::istringstream lines{text.substr(0, text.find("acked 1"))};
  for (std::string line; std::getline(lines, line);) {
    const auto is = [&](const char* part) { return line.find(part) != std::string::npos; };
    const std::string where = is("offsets") ? "offsets" : is("commits") ? "commits" : "";
    if (where.empty()) continue;
    order += line.substr(0, line.find('(')) + " " + where + "; ";
  }
  CHECK(order ==
        "write offsets; fsync offsets; write commits; fsync commits; renameat2 offsets; fsync offsets; renameat2 "
        "commits; fsync commits; ");
}
