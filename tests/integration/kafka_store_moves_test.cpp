#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

// In this order.
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h>

#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "integration/kafka_store_fixture.hpp"
#include "kafka/handles.hpp"
#include "support/kafka_client.hpp"
#include "support/store_error.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// A coordinator that answers as it is told: a real one can't be brought to most of this at will.
class FaultyCoordinator {
 public:
  FaultyCoordinator() { rd_kafka_mock_topic_create(cluster_.get(), "orders", 2, 1); }

  static constexpr std::int16_t offset_commit = 8;
  static constexpr std::int16_t offset_fetch = 9;

  /// The next requests of this kind get these errors; the ones after that get through.
  void answer(std::int16_t request, const std::vector<rd_kafka_resp_err_t>& errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), request, errors.size(), errors.data());
  }
  /// The next request of this kind gets this error, and so late.
  void answer_late(std::int16_t request, rd_kafka_resp_err_t error, std::chrono::milliseconds after) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_.get(), 1, request, 1, error, static_cast<int>(after.count()));
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

 private:
  ClientHandle client_ = make_client(RD_KAFKA_PRODUCER, {});
  std::unique_ptr<rd_kafka_mock_cluster_t, kafka::FreeWith<rd_kafka_mock_cluster_destroy>> cluster_{
      rd_kafka_mock_cluster_new(client_.get(), 1)};
};

const TopicPartition orders0{"orders", 0};
const TopicPartition orders1{"orders", 1};

/// A consumer as the engine makes it, with one partition.
ClientHandle consumer_of_orders0(const FaultyCoordinator& coordinator) {
  auto consumer = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", coordinator.brokers()},
                                                  {"group.id", "group"},
                                                  {"enable.auto.commit", "false"},
                                                  {"enable.auto.offset.store", "false"}});
  const kafka::PartitionListHandle list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), "orders", 0);
  check(rd_kafka_assign(consumer.get(), list.get()), "assign");
  return consumer;
}

/// A new consumer has to find its coordinator first.
bool commits_soon(OffsetStore& store, const GroupSession& session, const OffsetRange& range) {
  return eventually([&] { return !store_error_of([&] { commit(store, session, {range}); }); });
}

}  // namespace

TEST_CASE("the catalog waits for a coordinator that is moving", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store{{.brokers = faulty.brokers()}};
  const StoredOffset five{orders0, 5};
  for (const auto moving : {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS}) {
    CAPTURE(rd_kafka_err2name(moving));
    faulty.answer(FaultyCoordinator::offset_commit, {moving, moving});
    store.overwrite("group", std::span{&five, 1});
    faulty.answer(FaultyCoordinator::offset_fetch, {moving, moving});
    CHECK(load(store, {.group = "group"}, orders0) == 5);
  }
}

TEST_CASE("what the coordinator refuses is an error, not absence", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store{{.brokers = faulty.brokers()}};
  PlainMember alone{faulty.brokers(), "group", ""};
  const auto denied = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
  for (const auto& session : {alone.session(), GroupSession{.group = "group"}}) {
    faulty.answer(FaultyCoordinator::offset_fetch, {denied});
    const auto error = store_error_of([&] { load(store, session, orders0); });
    CHECK(says(error, "READ on the group"));
    CHECK((error && !error->is_retryable()));
  }
}

TEST_CASE("a commit that the coordinator refuses is told with what to do", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store;
  const auto refusal_of = [&](rd_kafka_resp_err_t code) {
    PlainMember alone{faulty.brokers(), "group", ""};
    alone.assign(orders0);
    faulty.answer(FaultyCoordinator::offset_commit, {code});
    return store_error_of([&] { commit(store, alone.session(), {{orders0, 0, 5}}); });
  };
  for (const auto code : {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                          RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS}) {
    const auto error = refusal_of(code);
    CHECK(says(error, "orders [0]", rd_kafka_err2name(code)));
    CHECK((error && error->is_retryable()));
  }
  for (const auto code : {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                          RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE}) {
    const auto error = refusal_of(code);
    CHECK(says(error, rd_kafka_err2name(code)));
    CHECK((error && !error->is_retryable()));
  }
}

TEST_CASE("a consumer that is beyond recovery commits nothing more", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store;
  PlainMember alone{faulty.brokers(), "group", ""};
  alone.assign(orders0);
  faulty.answer(FaultyCoordinator::offset_commit, {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID});
  const auto fenced = store_error_of([&] { commit(store, alone.session(), {{orders0, 0, 5}}); });
  CHECK(says(fenced, "group.instance.id"));
  const auto after = store_error_of([&] { commit(store, alone.session(), {{orders0, 0, 5}}); });
  CHECK(says(after, "make a new one"));
  CHECK((after && !after->is_retryable()));
}

TEST_CASE("a commit that timed out is never repeated on top of a later one", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store{{.timeout = 300ms}};
  PlainMember alone{faulty.brokers(), "group", ""};
  alone.assign(orders0);
  REQUIRE(commits_soon(store, alone.session(), {orders0, 0, 10}));
  // librdkafka takes this answer for a reason to send the same request once more.
  faulty.answer_late(FaultyCoordinator::offset_commit, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 1s);
  CHECK(says(store_error_of([&] { commit(store, alone.session(), {{orders0, 10, 20}}); }), "no answer within 300 ms"));

  const auto too_early = store_error_of([&] { commit(store, alone.session(), {{orders0, 20, 30}}); });
  CHECK(says(too_early, "an earlier commit of orders [0] up to offset 20"));
  CHECK((too_early && too_early->is_retryable()));
  // Nothing of the other partition is on its way.
  CHECK_FALSE(says(store_error_of([&] { commit(store, alone.session(), {{orders1, 5, 5}}); }), "an earlier commit"));

  CHECK(eventually([&] { return !store_error_of([&] { commit(store, alone.session(), {{orders0, 20, 30}}); }); }));
  const auto has_changed = [&] {
    std::optional<std::int64_t> stored = 30;
    store_error_of([&] { stored = load(store, alone.session(), orders0); });
    return stored != 30;
  };
  CHECK_FALSE(eventually(has_changed, 1500ms));
}

TEST_CASE("what a consumer left unanswered holds up neither its end nor the next consumer", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store{{.timeout = 300ms}};
  for (const auto answered_after : {400ms, 3'000ms}) {
    auto first = consumer_of_orders0(faulty);
    const GroupSession session{"group", first.get()};
    REQUIRE(commits_soon(store, session, {orders0, 0, 10}));
    faulty.answer_late(FaultyCoordinator::offset_commit, RD_KAFKA_RESP_ERR_NO_ERROR, answered_after);
    CHECK(store_error_of([&] { commit(store, session, {{orders0, 10, 20}}); }));
    rd_kafka_destroy_flags(first.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  PlainMember next{faulty.brokers(), "group", ""};
  next.assign(orders0);
  CHECK(commits_soon(store, next.session(), {orders0, 10, 20}));
  CHECK(load(store, next.session(), orders0) == 20);
}

// The one that is under way then, and those that come after. One that librdkafka takes up in the very last step of the close aborts the
// process, in all its releases so far: the engine lets none begin from before the close.
TEST_CASE("a commit ends in time while its consumer closes", "[integration]") {
  FaultyCoordinator faulty;
  KafkaOffsetStore store{{.timeout = 500ms}};
  for (int round = 0; round < 20; ++round) {
    const auto consumer = consumer_of_orders0(faulty);
    const GroupSession session{"group", consumer.get()};
    REQUIRE(commits_soon(store, session, {orders0, 0, 1}));
    std::atomic<std::int64_t> begun = 0;
    std::atomic<bool> is_closing = false;
    {
      const std::jthread committer{[&] {
        for (std::int64_t at = 1; !is_closing; ++at) {
          ++begun;
          store_error_of([&] { commit(store, session, {{orders0, at, at + 1}}); });
        }
      }};
      REQUIRE(eventually([&] { return begun > 1 + round % 3; }));
      is_closing = true;
      check(rd_kafka_consumer_close(consumer.get()), "close");
    }
    const auto last = begun.load();
    CHECK(store_error_of([&] { commit(store, session, {{orders0, last, last + 1}}); }));
  }
}
