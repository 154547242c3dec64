#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "filler.hpp"
#include "report.hpp"
#include "scene.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/process.hpp"

namespace tidemark::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int partitions = 64;
constexpr std::size_t members = 8;
constexpr auto start_timeout = 90s;
constexpr auto watched = 10s;  // before and after one leaves

constexpr std::array<Column, 2> columns{
    {{"longest pause, ms", &Measurement::pause_ms, 1}, {"without a rebalance, ms", &Measurement::quiet_pause_ms, 1}}};

// Every so many partitions there is one that is watched. librdkafka's producer sends a request for each partition, and a broker that has as
// many of them to answer as all 64 would make pauses of its own.
constexpr int watched_each = 4;

/// A record for each watched partition every 10 ms.
class Pulse {
 public:
  Pulse(const std::string& brokers, const std::string& topic)
      : thread_{[=](const std::stop_token& stop) {
          Filler filler{brokers, topic, {{"linger.ms", "0"}}};
          const std::string value(100, 'x');
          auto next = Clock::now();
          for (std::uint64_t i = 0; !stop.stop_requested(); ++i) {
            std::this_thread::sleep_until(next += 10ms);
            for (std::int32_t partition = 0; partition < partitions; partition += watched_each)
              filler.produce(partition, i, value);
          }
          filler.flush();
        }} {}

 private:
  std::jthread thread_;
};

std::size_t owned(const test::Process& process) {
  auto output = process.output();
  output.resize(output.rfind('\n') + 1);  // what follows may be half a line
  const auto line = output.rfind("own ");
  return line == std::string::npos ? 0 : std::stoul(output.substr(line + 4));
}

/// The longest gap that ended between the two, in milliseconds.
double longest_gap(const std::string& output, Clock::time_point from, Clock::time_point until) {
  std::istringstream lines{output};
  double longest = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string what;
    std::int64_t end = 0;
    std::int64_t length = 0;
    if (!(words >> what >> end >> length) || what != "gap") continue;
    const Clock::time_point ended{std::chrono::nanoseconds{end}};
    if (from <= ended && ended < until) longest = std::max(longest, static_cast<double>(length) / 1e6);
  }
  return longest;
}

/// Eight members share the topic; one leaves; the others keep what they have, and get more.
Measurement watch(const Program& program, const std::string& brokers, const std::string& topic) {
  test::KafkaAdmin{brokers}.create_topic(topic, partitions);
  std::vector<std::unique_ptr<test::Process>> group;
  for (std::size_t i = 0; i < members; ++i) {
    auto member = program;
    member.add({brokers, topic, topic});
    group.push_back(std::make_unique<test::Process>(
        test::Process::Options{.command = member.command, .environment = member.environment}));
  }
  const auto await_shares = [&](std::size_t share) {
    const auto is_shared = [&] {
      std::size_t all = 0;
      for (const auto& member : group) {
        const auto count = owned(*member);
        if (count < share) return false;
        all += count;
      }
      return all == partitions;
    };
    if (test::eventually(is_shared, start_timeout)) return;
    throw std::runtime_error{program.command.front() + ": the partitions are not shared:\n" + group.front()->output()};
  };
  await_shares(partitions / members);
  const Pulse pulse{brokers, topic};
  std::this_thread::sleep_for(watched / 2);  // until nobody is busy any more with having started
  const auto quiet = Clock::now();
  std::this_thread::sleep_for(watched);
  const auto left = Clock::now();
  group.back()->send(SIGTERM);
  if (!group.back()->wait(30s)) throw std::runtime_error{program.command.front() + " does not end"};
  group.pop_back();
  await_shares(partitions / members);
  std::this_thread::sleep_until(left + watched);
  const auto end = Clock::now();
  double pause = 0;
  double quiet_pause = 0;
  for (const auto& member : group) {
    pause = std::max(pause, longest_gap(member->output(), left, end));
    quiet_pause = std::max(quiet_pause, longest_gap(member->output(), quiet, left));
  }
  return Measurement{{{"pause_ms", pause}, {"quiet_pause_ms", quiet_pause}}};
}

}  // namespace

void rebalance(const Settings& settings) {
  const Scene scene{settings};
  const auto watching = [&](Client client, const std::string& name) {
    return Contender{name, [&scene, client, name](int round) {
                       return watch(scene.member(client), scene.brokers(), fmt::format("{}-{}", name, round));
                     }};
  };
  std::vector<Contender> contenders{watching(Client::tidemark, "tidemark")};
  if (scene.has(Client::java)) contenders.push_back(watching(Client::java, "java"));
  Contest contest{"one of eight members leaves a cooperative group", std::move(contenders), settings.rounds,
                  &Measurement::pause_ms};
  contest.run();

  Report report{"rebalance", settings};
  report.add(contest, columns[0], columns);
  for (const auto& contender : contest.contenders()) {
    report.key("pause_ms_" + contender.name, contest.summary(contender.name, &Measurement::pause_ms), 1);
    report.key("quiet_pause_ms_" + contender.name, contest.summary(contender.name, &Measurement::quiet_pause_ms), 1);
  }
  report.finish();
}

}  // namespace tidemark::bench
