#include <tidemark/stores/redis.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "raw_redis.hpp"
#include "report.hpp"
#include "scene.hpp"
#include "stores/redis/script.hpp"
#include "support/redis_server.hpp"

namespace tidemark::bench {

namespace {

using Words = std::vector<std::string>;

constexpr int partitions = 4;
constexpr int commands = 1'000;
const std::string key = "kafka:topic:records:bench";

const Words durable{};  // what the support's server does by itself: appendonly yes, appendfsync always
const Words each_second{"--appendfsync", "everysec"};
const Words in_memory{"--appendonly", "no"};

/// Something that is done over and over, a batch at a time.
struct Loop {
  std::string name;
  std::function<void(std::int64_t batch)> once;
  std::int64_t done = 0;
  std::vector<double> rates{};
};

/// Runs the loops in turn, one batch each, so that what disturbs the machine or its disk disturbs them all. A round's rate is that of its
/// median batch; the first round does not count.
void race(std::vector<Loop>& loops, int rounds, int batches) {
  using Clock = std::chrono::steady_clock;
  for (int round = 0; round <= rounds; ++round) {
    std::vector<std::vector<double>> seconds(loops.size());
    for (int i = 0; i < batches; ++i)
      for (std::size_t l = 0; l < loops.size(); ++l) {
        const auto began = Clock::now();
        loops[l].once(loops[l].done++);
        seconds[l].push_back(std::chrono::duration<double>(Clock::now() - began).count());
      }
    if (round == 0) continue;
    for (std::size_t l = 0; l < loops.size(); ++l) loops[l].rates.push_back(1 / summarise(seconds[l]).median);
  }
}

Summary ratio(const Loop& of, const Loop& by) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < of.rates.size(); ++i) ratios.push_back(of.rates[i] / by.rates[i]);
  return summarise(ratios);
}

void print(const char* what, const std::vector<Loop>& loops) {
  fmt::print("\n{}\n", what);
  for (const auto& loop : loops) {
    const auto rates = summarise(loop.rates);
    fmt::print("  {:<22} {:>10.0f}/s [{:.0f} – {:.0f}]\n", loop.name, rates.median, rates.min, rates.max);
  }
}

struct CommitRatios {
  Summary evalsha;
  Summary hset;
};

/// Commits of four partitions. Each loop has a hash of its own, so that all start with nothing stored.
CommitRatios commits(const char* what, const Words& arguments, int rounds, int slice) {
  test::RedisServer server{{.arguments = arguments}};
  RedisOffsetStore store{server.url()};
  RawRedis raw{server.port()};
  raw.command({"SCRIPT", "LOAD", std::string{detail::redis_commit_script.text}});

  std::vector<Loop> loops;
  loops.push_back({"tidemark", [&](std::int64_t batch) {
                     std::vector<OffsetRange> ranges;
                     for (int p = 0; p < partitions; ++p)
                       ranges.push_back({{"records", p}, batch * 1'000, batch * 1'000 + 1'000});
                     if (store.commit({.group = "bench"}, ranges)) throw std::runtime_error{"a conflict"};
                   }});
  loops.push_back({"hiredis EVALSHA", [&](std::int64_t batch) {
                     const auto from = std::to_string(batch * 1'000);
                     const auto until = std::to_string(batch * 1'000 + 1'000);
                     Words words{"EVALSHA", std::string{detail::redis_commit_script.sha1}, "1", key + ":raw",
                                 std::to_string(partitions)};
                     for (int p = 0; p < partitions; ++p) words.insert(words.end(), {std::to_string(p), until});
                     for (int p = 0; p < partitions; ++p) words.push_back(from);
                     raw.command(words);
                   }});
  loops.push_back({"hiredis HSET", [&](std::int64_t batch) {
                     const auto until = std::to_string(batch * 1'000 + 1'000);
                     Words words{"HSET", key + ":hset"};
                     for (int p = 0; p < partitions; ++p) words.insert(words.end(), {std::to_string(p), until});
                     raw.command(words);
                   }});
  store.commit({.group = "warm-up"}, std::vector<OffsetRange>{{{"records", 0}, 0, 1}});
  raw.command({"CONFIG", "RESETSTAT"});
  race(loops, rounds, slice);
  const auto statistics = raw.text({"INFO", "commandstats"});
  const auto expected = "cmdstat_evalsha:calls=" + std::to_string(loops[0].done + loops[1].done) + ",";
  if (statistics.find(expected) == std::string::npos || statistics.find("cmdstat_eval:") != std::string::npos)
    throw std::runtime_error{"a commit was not one command:\n" + statistics};
  print(what, loops);
  return {ratio(loops[0], loops[1]), ratio(loops[0], loops[2])};
}

/// Transactions of 1,000 HINCRBY over 16 fields.
Summary transactions(int rounds) {
  test::RedisServer server{{.arguments = in_memory}};
  RedisOffsetStore store{server.url()};
  RawRedis raw{server.port()};
  const auto field = [](int i) { return "carrier-" + std::to_string(i % 16); };
  std::vector<Loop> loops;
  loops.push_back({"tidemark", [&](std::int64_t batch) {
                     const OffsetRange range{{"records", 0}, batch * commands, (batch + 1) * commands};
                     auto transaction = store.begin({.group = "bench"}, {&range, 1});
                     for (int i = 0; i < commands; ++i) transaction.command("HINCRBY", "totals", field(i), 1);
                     if (transaction.commit()) throw std::runtime_error{"a conflict"};
                   }});
  loops.push_back({"hiredis MULTI/EXEC", [&](std::int64_t) {
                     std::vector<Words> all{{"MULTI"}};
                     for (int i = 0; i < commands; ++i) all.push_back({"HINCRBY", "totals:raw", field(i), "1"});
                     all.push_back({"EXEC"});
                     raw.pipeline(all);
                   }});
  race(loops, rounds, 200);
  print("transactions of 1,000 HINCRBY, Redis in memory", loops);
  return ratio(loops[0], loops[1]);
}

/// tidemark with Redis for its store; everything else as in the other benchmarks.
Contender consuming(const Scene& scene, const Filling& topic, const std::string& name, const std::string& url,
                    const std::string& ahead) {
  return Contender{
      name, [=, &scene](int round) {
        auto program = scene.program(Client::tidemark, name, topic, {"--batch", "1000", "--ahead", ahead}, round);
        program.command.front() += "_redis";
        for (std::size_t i = 0; i + 1 < program.command.size(); ++i)
          if (program.command[i] == "--offsets") program.command[i + 1] = url;
        return parse_measurement(run_to_end(program));
      }};
}

}  // namespace

void redis(const Settings& settings) {
  Report report{"redis", settings};
  const auto memory = commits("commits of 4 partitions, Redis in memory", in_memory, settings.rounds, 4'000);
  const auto synced = commits("commits of 4 partitions, appendfsync always", durable, settings.rounds, 200);
  const auto multi = transactions(settings.rounds);

  Scene scene{settings};
  const Filling topic{.topic = "redis", .records = settings.records};
  scene.fill(topic);
  test::RedisServer second{{.arguments = each_second}};
  test::RedisServer always{{.arguments = durable}};
  Contest contest{
      "batches of 1,000 records",
      {scene.tidemark("none", topic, {"--batch", "1000"}), consuming(scene, topic, "everysec", second.url(), "1"),
       consuming(scene, topic, "everysec-8", second.url(), "8"),
       consuming(scene, topic, "always-32", always.url(), "32")},
      settings.rounds};
  contest.run();
  report.add(contest, {"M records/s", &Measurement::rate});
  const auto rate = [&](const char* name) { return contest.ratio(name, "none", &Measurement::rate); };
  report.key("evalsha_ratio", memory.evalsha);
  report.key("hset_ratio", synced.hset);
  report.key("loop_ratio", rate("everysec-8"));
  report.key("multi_ratio", multi);
  report.key("hset_memory_ratio", memory.hset);
  report.key("evalsha_synced_ratio", synced.evalsha);
  report.key("loop_step_ratio", rate("everysec"));
  report.key("loop_synced_ratio", rate("always-32"));
  report.finish();
}

}  // namespace tidemark::bench
