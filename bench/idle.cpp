#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "process_usage.hpp"
#include "report.hpp"
#include "scene.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

namespace tidemark::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto start_timeout = 60s;
constexpr auto settling = 3s;  // until nobody is busy any more with having started
constexpr auto watched = 10s;

constexpr std::array<Column, 2> columns{
    {{"% of a core", &Measurement::cpu_percent, 2}, {"wake-ups a second", &Measurement::wakeups, 1}}};

/// Starts it, waits until it has read what there is, and watches it for a while.
Measurement watch(const Program& program) {
  test::Process process{{.command = program.command, .environment = program.environment}};
  const auto has_read_all = [&] { return process.output().find("records=") != std::string::npos; };
  if (!test::eventually(has_read_all, start_timeout))
    throw std::runtime_error{program.command.front() + " does not read:\n" + process.output()};
  std::this_thread::sleep_for(settling);
  const auto before = usage_of(process.pid());
  std::this_thread::sleep_for(watched);
  const auto after = usage_of(process.pid());
  const auto seconds = std::chrono::duration<double>(watched).count();
  return Measurement{{{"cpu_percent", (after.cpu_seconds - before.cpu_seconds) / seconds * 100},
                      {"wakeups", static_cast<double>(after.wakeups - before.wakeups) / seconds}}};
}

}  // namespace

void idle(const Settings& settings) {
  Scene scene{settings};
  const Filling topic{.topic = "idle", .partitions = 64, .records = settings.records};
  scene.fill(topic);
  const auto watching = [&](Client client, const std::string& name, const std::vector<std::string>& options) {
    return Contender{name, [&scene, topic, client, name, options](int round) {
                       return watch(scene.program(client, name, topic, options, round).add({"--stay"}));
                     }};
  };
  std::vector<Contender> contenders{watching(Client::raw, "raw", {"--read", "first"}),
                                    watching(Client::tidemark, "tidemark", {"--store", "file", "--ahead", "4"})};
  if (scene.has(Client::java)) contenders.push_back(watching(Client::java, "java", {}));
  if (scene.has(Client::franz)) contenders.push_back(watching(Client::franz, "franz-go", {}));
  Contest contest{"64 partitions without traffic", std::move(contenders), settings.rounds, &Measurement::wakeups};
  contest.run();

  Report report{"idle", settings};
  report.add(contest, columns[1], columns);
  report.key("cpu_percent", contest.summary("tidemark", &Measurement::cpu_percent), 2);
  report.key("raw_cpu_percent", contest.summary("raw", &Measurement::cpu_percent), 2);
  report.key("wakeups_per_s", contest.summary("tidemark", &Measurement::wakeups), 1);
  report.key("raw_wakeups_per_s", contest.summary("raw", &Measurement::wakeups), 1);
  report.key("extra_wakeups_per_s", contest.difference("tidemark", "raw", &Measurement::wakeups), 1);
  report.finish();
}

}  // namespace tidemark::bench
