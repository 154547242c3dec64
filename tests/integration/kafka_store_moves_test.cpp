#include <array>
#include <memory>
#include <string>
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
  FaultyCoordinator() { rd_kafka_mock_topic_create(cluster_.get(), "orders", 1, 1); }

  static constexpr std::int16_t offset_commit = 8;
  static constexpr std::int16_t offset_fetch = 9;

  /// The next requests of this kind get these errors; the ones after that get through.
  void answer(std::int16_t request, const std::vector<rd_kafka_resp_err_t>& errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), request, errors.size(), errors.data());
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

 private:
  ClientHandle client_ = make_client(RD_KAFKA_PRODUCER, {});
  std::unique_ptr<rd_kafka_mock_cluster_t, kafka::FreeWith<rd_kafka_mock_cluster_destroy>> cluster_{
      rd_kafka_mock_cluster_new(client_.get(), 1)};
};

const TopicPartition orders0{"orders", 0};

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
