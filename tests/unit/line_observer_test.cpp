#include <tidemark/line_observer.hpp>

#include <algorithm>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const TopicPartition orders{"orders", 0};
const std::vector<OffsetRange> some{{orders, 10, 20}};

/// Keeps what it is given, in the form that streams get, without the time.
struct Lines {
  std::vector<std::string> all;

  LineObserver::Sink sink() {
    return [this](const LineObserver::Line& line) {
      const auto text = to_string(line);
      all.push_back(text.substr(text.find(' ') + 1));
    };
  }
};

}  // namespace

TEST_CASE("a line has time, level, consumer and text", "[unit]") {
  using std::chrono::system_clock;
  const auto time = system_clock::from_time_t(1'764'123'304) + 21ms;
  CHECK(to_string({time, LogLevel::warning, "billing", "Something is wrong."}) ==
        "2025-11-26T02:15:04.021Z warning billing: Something is wrong.");
  CHECK(to_string({time, LogLevel::info, "", "Well."}) == "2025-11-26T02:15:04.021Z info: Well.");
}

TEST_CASE("each consumer has its name in its lines", "[unit]") {
  Lines lines;
  LineObserver observer{lines.sink()};
  const auto lag = [](const std::shared_ptr<Observer>& of) { of->on_error("broker away"); };
  lag(observer.for_consumer({.brokers = "a:9092", .group = "billing", .client_id = "tidemark"}));
  lag(observer.for_consumer({.brokers = "a:9092", .group = "billing", .client_id = "eu-1"}));
  lag(observer.for_consumer(
      {.brokers = "a:9092", .group = "billing", .client_id = "tidemark", .group_instance = "host-7"}));
  observer.on_error("broker away");
  CHECK(lines.all == std::vector<std::string>{"warning billing: broker away.", "warning billing/eu-1: broker away.",
                                              "warning billing/host-7: broker away.", "warning: broker away."});
}

TEST_CASE("every event gives a line, of the level that it deserves", "[unit]") {
  Lines lines;
  LineObserver observer{lines.sink(), {.batches = true, .log = LogLevel::debug}};
  const auto level_of = [&](const std::function<void()>& tell) {
    lines.all.clear();
    tell();
    REQUIRE(lines.all.size() == 1);
    return lines.all.front().substr(0, lines.all.front().find(':'));
  };
  using Kind = RebalanceEvent::Kind;
  CHECK(level_of([&] { observer.on_start({.brokers = "a:9092"}); }) == "info");
  CHECK(level_of([&] { observer.on_batch({some, 10, 100}); }) == "info");
  CHECK(level_of([&] { observer.on_commit({some}); }) == "info");
  CHECK(level_of([&] { observer.on_retry({some, 1, 1ms, "no"}); }) == "warning");
  CHECK(level_of([&] { observer.on_handler_timeout({some, 1s, false}); }) == "warning");
  CHECK(level_of([&] { observer.on_handler_timeout({some, 1s, true}); }) == "error");
  CHECK(level_of([&] { observer.on_skip({some, 10, 3, "no"}); }) == "error");
  CHECK(level_of([&] { observer.on_dead_letters({}); }) == "warning");
  CHECK(level_of([&] { observer.on_conflict({{orders, 7}, some.front()}); }) == "warning");
  CHECK(level_of([&] { observer.on_rebalance({Kind::assigned, {}}); }) == "info");
  CHECK(level_of([&] { observer.on_rebalance({Kind::revoked, {}}); }) == "info");
  CHECK(level_of([&] { observer.on_rebalance({Kind::lost, {}}); }) == "warning");
  CHECK(level_of([&] { observer.on_out_of_range({orders, 5, 10, 20, 10}); }) == "warning");
  CHECK(level_of([&] { observer.on_out_of_range({orders, 5, 10, 20, std::nullopt}); }) == "error");
  CHECK(level_of([&] { observer.on_unreadable({orders, 5, 1, "no", 1s}); }) == "warning");
  CHECK(level_of([&] { observer.on_unreadable({orders, 5, 1, "no", std::nullopt}); }) == "error");
  CHECK(level_of([&] { observer.on_gap({some.front(), 1, 2}); }) == "warning");
  CHECK(level_of([&] { observer.on_lag({}); }) == "info");
  CHECK(level_of([&] { observer.on_error("no"); }) == "warning");
  CHECK(level_of([&] { observer.on_log(LogLevel::error, "no"); }) == "error");
  CHECK(level_of([&] { observer.on_log(LogLevel::debug, "no"); }) == "debug");
  CHECK(level_of([&] { observer.on_statistics("{}"); }) == "debug");
}

TEST_CASE("batches, commits and stalls are summed up, and the log is kept short, unless asked for", "[unit]") {
  Lines lines;
  LineObserver observer{lines.sink()};
  for (int i = 0; i < 100; ++i) {
    observer.on_batch({some, 10, 100});
    observer.on_commit({some});
    observer.on_stall({30ms});
  }
  observer.on_log(LogLevel::info, "librdkafka FETCH: fine");
  observer.on_log(LogLevel::error, "librdkafka FAIL: told by on_error, too");
  observer.on_statistics("{}");
  CHECK(lines.all.empty());
  const std::vector<PartitionProgress> progress{{orders, 20, 30}};
  observer.on_lag(progress);
  observer.on_log(LogLevel::warning, "librdkafka SESSTMOUT: session timed out");
  CHECK(lines.all == std::vector<std::string>{
                         "info: Handled 1000 records in 100 batches; 10 records behind in 1 partition; waited 100 "
                         "times, 3.0 s in all, for records that Kafka had.",
                         "warning: librdkafka SESSTMOUT: session timed out."});
}

TEST_CASE("that nothing happens is said once, and not every time", "[unit]") {
  Lines lines;
  LineObserver observer{lines.sink()};
  const std::vector<PartitionProgress> idle{{orders, 20, 20}};
  const std::vector<PartitionProgress> behind{{orders, 20, 30}};
  for (int i = 0; i < 3; ++i) observer.on_lag(idle);
  for (int i = 0; i < 2; ++i) observer.on_lag(behind);
  observer.on_lag(idle);
  observer.on_lag({});
  CHECK(lines.all == std::vector<std::string>{"info: No record is waiting in 1 partition.",
                                              "info: No batch was handled; 10 records behind in 1 partition.",
                                              "info: No batch was handled; 10 records behind in 1 partition.",
                                              "info: No record is waiting in 1 partition.",
                                              "info: No partition is assigned any more."});
}

TEST_CASE("a flood of one kind leaves out lines, says how many, and hides no other kind", "[unit]") {
  Lines lines;
  LineObserver observer{lines.sink(), {.lines_per_kind = 2, .per = 1h}};
  for (int i = 0; i < 50; ++i) observer.on_error("broker away");
  observer.on_retry({some, 1, 1ms, "no"});
  CHECK(lines.all.size() == 3);

  Lines later;
  LineObserver patient{later.sink(), {.lines_per_kind = 0, .per = 1ms}};
  patient.on_error("broker away");
  const auto has_count = [&] {
    patient.on_gap({some.front(), 1, 2});
    return std::ranges::any_of(later.all,
                               [](const auto& line) { return line == "info: Left out 1 more line about errors."; });
  };
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!has_count() && std::chrono::steady_clock::now() < deadline) continue;
  CHECK(has_count());
}

TEST_CASE("where the sink throws, the line is lost, and a later one says so", "[unit]") {
  Lines lines;
  bool throws = true;
  LineObserver observer{[&, write = lines.sink()](const LineObserver::Line& line) {
    if (throws) throw std::runtime_error{"the disk is full"};
    write(line);
  }};
  observer.on_error("broker away");
  observer.on_lag({});
  throws = false;
  observer.on_error("broker still away");
  observer.on_error("broker away again");
  CHECK(lines.all == std::vector<std::string>{"warning: Lost 2 lines: the sink threw an exception.",
                                              "warning: broker still away.", "warning: broker away again."});
}

TEST_CASE("lines of several threads don't mix", "[unit]") {
  std::ostringstream stream;
  {
    LineObserver observer{stream, {.lines_per_kind = 100'000}};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&observer, i] {
        const auto mine = observer.for_consumer({.group = "billing", .client_id = "c" + std::to_string(i)});
        for (int j = 0; j < 500; ++j) mine->on_error("broker away");
      });
  }
  std::istringstream read{stream.str()};
  std::size_t count = 0;
  for (std::string line; std::getline(read, line); ++count) {
    REQUIRE(line.size() == std::string{"2025-11-26T02:15:04.021Z warning billing/c0: broker away."}.size());
    REQUIRE(line.ends_with(": broker away."));
  }
  CHECK(count == 2'000);
}
