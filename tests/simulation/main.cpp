// Runs the engine in a simulated world, once for each seed.
//
//   tidemark_simulation [--seeds N] [--from SEED] [--jobs N] [--verbose] [--until-found]

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "plan.hpp"
#include "world.hpp"

namespace {

using namespace simulation;

struct Arguments {
  std::uint64_t seeds = 5'000;
  std::uint64_t from = 1;
  std::uint64_t jobs = 1;
  bool is_verbose = false;
  bool is_until_found = false;  // for mutants: the first anomaly is enough
};

/// What the seeds of one job came to; passed on to the parent as bytes.
struct Sum {
  std::uint64_t seeds = 0;
  std::uint64_t records = 0;
  std::uint64_t repeated = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t first_bad = 0;
  std::uint64_t trace = 0;
  std::array<std::uint64_t, fault_kinds> faults{};

  void add(const Sum& other) {
    seeds += other.seeds;
    records += other.records;
    repeated += other.repeated;
    anomalies += other.anomalies;
    trace ^= other.trace;
    if (other.first_bad != 0 && (first_bad == 0 || other.first_bad < first_bad)) first_bad = other.first_bad;
    for (std::size_t i = 0; i < fault_kinds; ++i) faults[i] += other.faults[i];
  }
};

bool parse(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word{words[i]};
    if (word == "--verbose") {
      arguments.is_verbose = true;
      continue;
    }
    if (word == "--until-found") {
      arguments.is_until_found = true;
      continue;
    }
    auto* number = word == "--seeds"  ? &arguments.seeds
                   : word == "--from" ? &arguments.from
                   : word == "--jobs" ? &arguments.jobs
                                      : nullptr;
    if (number == nullptr || ++i == count) return false;
    const auto* end = words[i] + std::strlen(words[i]);
    if (const auto [at, error] = std::from_chars(words[i], end, *number); error != std::errc{} || at != end)
      return false;
  }
  return arguments.jobs > 0;
}

Sum run_seed(std::uint64_t seed, bool is_verbose) {
  const Plan plan{seed};
  auto world = std::make_unique<World>(plan, is_verbose);
  const auto result = world->run();
  if (!world->is_over()) world.release();  // NOLINT(bugprone-unused-return-value): its threads are somewhere inside
  Sum sum{.seeds = 1,
          .records = result.records,
          .repeated = result.repeated,
          .anomalies = result.anomalies.size(),
          .first_bad = result.anomalies.empty() ? 0 : seed,
          .trace = result.trace};
  for (const auto& [fault, count] : result.faults) sum.faults[static_cast<std::size_t>(fault)] += count;
  if (result.anomalies.empty() && !is_verbose) return sum;
  fmt::print("seed {}: {} records, {} repeated, {} steps, {} ms, trace {:016x}\n", seed, result.records,
             result.repeated, result.steps, result.time / std::chrono::milliseconds{1}, result.trace);
  std::size_t shown = 0;
  for (const auto& anomaly : result.anomalies)
    if (++shown <= 5 || is_verbose) fmt::print("  {}: {}\n", anomaly.kind, anomaly.text);
  std::fflush(stdout);
  return sum;
}

Sum run_job(const Arguments& arguments, std::uint64_t job) {
  Sum sum;
  for (auto i = job; i < arguments.seeds && !(arguments.is_until_found && sum.anomalies > 0); i += arguments.jobs)
    sum.add(run_seed(arguments.from + i, arguments.is_verbose));
  return sum;
}

/// Each job is a process, as a run has the whole process to itself.
Sum run_jobs(const Arguments& arguments) {
  if (arguments.jobs == 1) return run_job(arguments, 0);
  Sum sum;
  std::vector<std::pair<pid_t, int>> children;
  for (std::uint64_t job = 0; job < arguments.jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) return sum;
    const auto child = fork();
    if (child == 0) {
      const auto its = run_job(arguments, job);
      _exit(write(ends[1], &its, sizeof its) == sizeof its ? 0 : 1);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  for (const auto& [child, end] : children) {
    Sum its;
    if (read(end, &its, sizeof its) == sizeof its)
      sum.add(its);
    else
      ++sum.anomalies;
    close(end);
    waitpid(child, nullptr, 0);
  }
  return sum;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!parse(count, words, arguments)) {
    fmt::print(stderr, "usage: {} [--seeds N] [--from SEED] [--jobs N] [--verbose] [--until-found]\n", words[0]);
    return 2;
  }
  const auto sum = run_jobs(arguments);
  fmt::print("faults:");
  for (std::size_t i = 0; i < fault_kinds; ++i)
    fmt::print("{} {} {}", i == 0 ? "" : ",", name_of(static_cast<Fault>(i)), sum.faults[i]);
  fmt::print("\nhandled again after a fault: {} records; trace {:016x}\n", sum.repeated, sum.trace);
  if (sum.first_bad != 0) fmt::print("replay: --seeds 1 --from {} --verbose\n", sum.first_bad);
  fmt::print("simulation: {} seeds, {} records, {} anomalies\n", sum.seeds, sum.records, sum.anomalies);
  return sum.anomalies == 0 && sum.seeds == arguments.seeds ? 0 : 1;
}
