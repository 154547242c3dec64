#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <tidemark/testing/embedded_broker.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "engine/batch_reader.hpp"
#include "kafka/client.hpp"
#include "kafka/message_returns.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t count = 10;

// Three quarters of it may wait, and an eighth stays: 4 messages of some 520 bytes.
constexpr std::size_t budget = 20'000;

/// A worker's reader of one partition that holds `count` records. Asked for more, the broker answers after `fetch_wait`.
class Reading {
 public:
  explicit Reading(std::chrono::milliseconds fetch_wait, std::size_t memory_budget = budget,
                   const BatchLimits& limits = {.max_records = count, .max_wait = 10s}) {
    write(static_cast<std::int64_t>(limits.max_records), "value");
    options_.memory_budget_bytes = memory_budget;
    options_.kafka["fetch.wait.max.ms"] = std::to_string(fetch_wait.count());
    client_.emplace(options_);
    reader_.emplace(engine::WorkerContext{options_, store_, client_->handle(), client_->returns(), mailbox_, notifier_,
                                          published_, flow_},
                    limits);
    const core::PartitionStart start{{"orders", 0}, 0, 0};
    reader_->own(start);
    client_->assign({&start, 1});
  }

  void write(std::int64_t records, const std::string& value) {
    for (std::int64_t i = 0; i < records; ++i) broker_.produce({.topic = "orders", .value = value});
    broker_.flush();
  }

  engine::BatchReader& reader() { return *reader_; }
  kafka::MessageReturns& returns() { return client_->returns(); }

 private:
  testing::EmbeddedBroker broker_{{.topics = {{"orders", 1}}}};
  testing::MemoryOffsetStore store_;
  ConsumerOptions options_{
      .brokers = broker_.brokers(), .group = "billing", .partitions = {{"orders", 0}}, .memory_budget_bytes = budget};
  engine::Mailbox mailbox_{[] {}};
  engine::Notifier notifier_{nullptr, {}};
  engine::PublishedProgress published_;
  engine::Flow flow_{{}, {}};
  std::optional<kafka::Client> client_;
  std::optional<engine::BatchReader> reader_;
};

bool reaches(const kafka::MessageReturns& returns, std::size_t waiting) {
  return eventually([&] { return returns.waiting() == waiting; }, 15s);
}

}  // namespace

TEST_CASE("messages that are done with wait for their broker's next answer, all but the newest") {
  Reading reading{2s};
  auto batch = reading.reader().read();
  REQUIRE(batch->records().size() == count);
  CHECK(reading.returns().waiting() == 0);
  reading.reader().recycle(std::move(*batch));
  CHECK(reading.returns().waiting() == count);
  CHECK(reaches(reading.returns(), 4));
}

TEST_CASE("a reader that has had nothing to read for a second frees what waits") {
  Reading reading{25s};
  std::thread worker{[&] {
    while (auto batch = reading.reader().read()) reading.reader().recycle(std::move(*batch));
  }};
  CHECK(reaches(reading.returns(), count));
  CHECK(reaches(reading.returns(), 0));
  reading.reader().stop();
  worker.join();
}

TEST_CASE("of messages beyond what may wait, the oldest are freed at once") {
  Reading reading{2s};
  auto batch = reading.reader().read();
  REQUIRE(batch->records().size() == count);
  kafka::MessageReturns returns{5'000};  // a message takes some 520
  auto first = batch->take_front(4);
  first.give_back(returns);
  CHECK(returns.waiting() == 4);
  batch->give_back(returns);
  CHECK(returns.waiting() == 4);
}

TEST_CASE("the newest messages that stay are no more than there are, however their sizes are rounded") {
  // All are counted as 517 bytes, but for one of 1,217: the mean is 517 for 1,000 of them, and room is for 1,001 of these.
  constexpr std::size_t room_for_1001 = 8 * (1'001 * 517 + 33);
  Reading reading{100ms, room_for_1001, {.max_records = 999, .max_wait = 100ms}};
  auto batch = reading.reader().read();
  REQUIRE(batch->records().size() == 999);
  reading.reader().recycle(std::move(*batch));
  for (const auto* value : {"large", "answer"}) {
    reading.write(1, value == std::string{"large"} ? std::string(705, 'x') : value);
    batch = reading.reader().read();
    REQUIRE(batch->records().size() == 1);
    reading.reader().recycle(std::move(*batch));
  }
  CHECK(reading.returns().waiting() >= 1'000);
}
