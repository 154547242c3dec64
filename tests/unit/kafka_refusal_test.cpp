#include "stores/kafka/refusal.hpp"

#include <string_view>
#include <vector>

#include "kafka/handles.hpp"
#include "support/catch.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::kafka;
using tidemark::test::says;
using tidemark::test::store_error_of;

namespace {

constexpr auto yes = StoreError::Retry::yes;
constexpr auto no = StoreError::Retry::no;

PartitionListHandle answer(const std::vector<rd_kafka_resp_err_t>& codes) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(1)};
  for (int i = 0; const auto code : codes) rd_kafka_topic_partition_list_add(list.get(), "orders", i++)->err = code;
  return list;
}

}  // namespace

TEST_CASE("a commit that is refused is worth another try only where time mends it", "[unit]") {
  struct Case {
    int code;
    StoreError::Retry retry;
    std::string_view hint;
  };
  const std::vector<Case> cases{
      {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, yes, "session.timeout.ms"},
      {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, yes, "max.poll.interval.ms"},
      {110, yes, "joins again"},
      {113, yes, "joins again"},
      {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, yes, "handing out"},
      {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, yes, "coordinator"},
      {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, yes, "coordinator"},
      {RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, yes, "transaction"},
      {RD_KAFKA_RESP_ERR__TIMED_OUT, yes, "KafkaOffsetStoreOptions::timeout"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, yes, "brokers"},
      {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, no, "group.instance.id"},
      {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, no, "READ on the group"},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, no, "READ on the topic"},
      {RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, no, "KafkaOffsetStoreOptions::metadata"},
      {RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE, no, "__consumer_offsets"},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, no, "create the topic"},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, no, "sasl.*"},
      {RD_KAFKA_RESP_ERR__FATAL, no, "make a new one"},
      {RD_KAFKA_RESP_ERR__DESTROY, no, "closing"},
      {RD_KAFKA_RESP_ERR_INVALID_MSG, no, "broker's log"},
  };
  for (const auto& [code, retry, hint] : cases) {
    CAPTURE(code);
    const auto verdict = refusal(static_cast<rd_kafka_resp_err_t>(code), Asker::consumer);
    CHECK(verdict.retry == retry);
    CHECK(verdict.hint.find(hint) != std::string_view::npos);
  }
}

TEST_CASE("an administrator is told to stop the members, and not to try again", "[unit]") {
  for (const auto code : {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP,
                          RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC}) {
    const auto error = refused("reset", code, Asker::administrator);
    CHECK(says(error, "cannot reset", "stop all its consumers first"));
    CHECK_FALSE(error.is_retryable());
  }
}

TEST_CASE("an error of one partition is found behind the others' success", "[unit]") {
  const auto list = answer({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const auto error = store_error_of([&] { require_accepted("commit", *list, Asker::consumer); });
  CHECK(says(error, "cannot commit: orders [1]:"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("an answer without errors is accepted", "[unit]") {
  CHECK_NOTHROW(
      require_accepted("commit", *answer({RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR}), Asker::consumer));
}

TEST_CASE("of different errors the one that no retry mends is told", "[unit]") {
  const auto hopeless = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  const auto passing = RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
  for (const auto& codes : {std::vector{hopeless, passing}, std::vector{passing, hopeless}}) {
    const auto list = answer(codes);
    const auto error = store_error_of([&] { require_accepted("commit", *list, Asker::consumer); });
    CHECK(says(error, "TOPIC_AUTHORIZATION_FAILED"));
    CHECK_FALSE(error->is_retryable());
  }
}

TEST_CASE("of many refused partitions the first few are named", "[unit]") {
  const auto list = answer(std::vector<rd_kafka_resp_err_t>(9, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS));
  const auto error = store_error_of([&] { require_accepted("commit", *list, Asker::consumer); });
  CHECK(says(error, "orders [0] or orders [1]", "orders [4] or 4 more"));
  CHECK_FALSE(says(error, "orders [5]"));
}
