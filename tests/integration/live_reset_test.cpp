#include <functional>
#include <memory>
#include <optional>

#include <tidemark/stores/file.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/stores/sqlite.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

using Operator = std::function<void(std::int64_t next)>;

/// A store, and an operator who changes partition 0 in it; from another connection, where the store allows that.
struct Watched {
  explicit Watched(KafkaFixture& its) : kafka{its}, options{its.options()} { options.store_poll_interval = 50ms; }

  void use(std::shared_ptr<OffsetStore> its, OffsetCatalog& operators) {
    store = std::move(its);
    reset = [this, &operators](std::int64_t next) {
      const StoredOffset offset{kafka.partition(), next};
      operators.overwrite(kafka.group, {&offset, 1});
    };
  }

  void choose() {
    SECTION("in memory") {
      const auto memory = std::make_shared<testing::MemoryOffsetStore>();
      use(memory, *memory);
    }
    SECTION("in files") {
      const auto file = std::make_shared<FileOffsetStore>(folder / "offsets");
      use(file, *file);
    }
    SECTION("in SQLite") {
      use(std::make_shared<SqliteOffsetStore>(folder / "offsets.db"), other_sqlite.emplace(folder / "offsets.db"));
    }
    SECTION("in Kafka, which takes changes only for a group without members") {
      options.topics.clear();
      options.partitions = {kafka.partition()};
      use(std::make_shared<KafkaOffsetStore>(), native_operator);
    }
  }

  KafkaFixture& kafka;
  TemporaryFolder folder;
  ConsumerOptions options;
  std::shared_ptr<OffsetStore> store;
  std::optional<SqliteOffsetStore> other_sqlite;
  KafkaOffsetStore native_operator{{.brokers = kafka.brokers}};
  Operator reset;
};

std::vector<std::int64_t> joined(std::vector<std::int64_t> first, const std::vector<std::int64_t>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("offsets that are set back are taken up within store_poll_interval, though no record comes",
          "[integration]") {
  KafkaFixture kafka;
  Watched watched{kafka};
  watched.choose();
  kafka.fill(0, 100);
  RunningConsumer consumer{watched.options, *watched.store};
  consumer.await_no_lag(1);
  const auto asked = std::chrono::steady_clock::now();
  watched.reset(40);
  consumer.await_count(160);
  CHECK(std::chrono::steady_clock::now() - asked < 10s);
  consumer.await_no_lag(1);
  consumer.stop();
  CHECK(consumer.journal().offsets(kafka.partition()) == joined(sequence(0, 100), sequence(40, 100)));
  REQUIRE(consumer.journal().conflicts().size() == 1);
  CHECK(consumer.journal().conflicts().front().conflict == Conflict{kafka.partition(), 40});
  CHECK(consumer.journal().conflicts().front().refused == OffsetRange{kafka.partition(), 100, 100});
}

TEST_CASE("offsets that are set forward are taken up within store_poll_interval, while a batch fills",
          "[integration]") {
  KafkaFixture kafka;
  Watched watched{kafka};
  watched.choose();
  watched.options.batch = {.max_records = 50, .max_wait = 1h};
  kafka.fill(0, 90);
  RunningConsumer consumer{watched.options, *watched.store};
  consumer.await("the first batch committed, the second half full",
                 [&] { return consumer.progress().size() == 1 && consumer.progress().front().next == 50; });
  watched.reset(80);
  consumer.await("the change noticed", [&] { return !consumer.journal().conflicts().empty(); });
  kafka.fill(0, 40, 90);
  consumer.await_count(100);
  consumer.stop();
  CHECK(consumer.journal().offsets(kafka.partition()) == joined(sequence(0, 50), sequence(80, 130)));
}

TEST_CASE("a store that is looked at and does not answer ends nothing", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 10);
  struct Failing final : testing::MemoryOffsetStore {
    std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                  std::span<const TopicPartition> partitions) override {
      if (fails) throw std::runtime_error{"the store is away"};
      return MemoryOffsetStore::load(session, partitions);
    }
    std::atomic<bool> fails = false;
  } store;
  auto options = kafka.options();
  options.store_poll_interval = 10ms;
  RunningConsumer consumer{options, store};
  consumer.await_no_lag(1);
  store.fails = true;
  consumer.await("several looks in vain", [&] { return consumer.journal().count_lines_with("the store is away") > 3; });
  store.fails = false;
  const StoredOffset back{kafka.partition(), 5};
  store.overwrite(kafka.group, {&back, 1});
  consumer.await_count(15);
  consumer.stop();
}
