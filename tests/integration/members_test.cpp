#include <atomic>
#include <stdexcept>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/stores/sqlite.hpp>

#include "integration/members.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = member_partitions;

}  // namespace

TEST_CASE("members that come and go handle each record once, whatever the strategy", "[integration]") {
  KafkaFixture kafka{partitions};
  auto options = kafka.options();
  options.concurrency = 2;
  SECTION("range") { options.kafka["partition.assignment.strategy"] = "range"; }
  SECTION("roundrobin") { options.kafka["partition.assignment.strategy"] = "roundrobin"; }
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  join_and_leave(kafka, options, kafka.store);
}

TEST_CASE("members with different numbers of workers handle each record once", "[integration]") {
  KafkaFixture kafka{partitions};
  auto options = kafka.options();
  SECTION("eager") {}
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  join_and_leave(kafka, options, kafka.store, true);
}

TEST_CASE("members that come and go handle each record once, with offsets in SQLite", "[integration]") {
  KafkaFixture kafka{partitions};
  TemporaryFolder folder;
  SqliteOffsetStore store{folder / "offsets.db"};
  join_and_leave(kafka, kafka.options(), store);
}

TEST_CASE("members that come and go handle each record once, with offsets in Kafka", "[integration]") {
  KafkaFixture kafka{partitions};
  KafkaOffsetStore store{{.brokers = kafka.brokers}};
  join_and_leave(kafka, kafka.options(), store);
}

TEST_CASE("a batch that is given up since its partitions are revoked is handled by whoever gets them",
          "[integration]") {
  KafkaFixture kafka{partitions};
  auto options = kafka.options();
  bool is_eager = false;
  SECTION("eager") { is_eager = true; }
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  Writer writer{kafka};
  writer.write(500);
  std::atomic<bool> is_held = false;
  std::atomic<bool> gave_up = false;
  std::atomic<bool> may_go_on = false;
  RunningConsumer first{options, kafka.store, [&](const Batch<>& batch) {
                          if (batch[0].offset() < 200 || is_held.exchange(true)) return;
                          const auto& token = batch.stop_token();
                          static_cast<void>(eventually([&] { return token.stop_requested() || may_go_on; }));
                          if (!token.stop_requested()) return;
                          gave_up = true;
                          throw std::runtime_error{"given up"};
                        }};
  first.await("a batch in hand", [&] { return is_held.load(); });
  RunningConsumer second{options, kafka.store};
  // The cooperative strategy may leave the first member what its batch is of; then nothing asks it to hurry.
  second.await("the batch given up, or not asked for", [&] { return gave_up || !second.progress().empty(); });
  may_go_on = true;
  writer.write(100);
  second.await("everything committed", [&] {
    for (int partition = 0; partition < partitions; ++partition)
      if (kafka.stored(partition) != writer.written()) return false;
    return true;
  });
  REQUIRE((gave_up || !is_eager));
  first.stop();
  second.stop();
  for (int partition = 0; partition < partitions; ++partition)
    REQUIRE((offsets_of_both(first.journal(), second.journal(), kafka.partition(partition)) ==
             sequence(0, writer.written())));
}
