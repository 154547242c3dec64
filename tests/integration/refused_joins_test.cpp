// What a group refuses for good ends the consumer, and the error says who has to change what. librdkafka would ask again for ever.
#include <tidemark/error.hpp>

#include <librdkafka/rdkafka.h>

#include "engine/running.hpp"
#include "integration/kafka_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

KafkaError refusal_of(const ConsumerOptions& options, testing::MemoryOffsetStore& store) {
  MicroBatchConsumer<> consumer{options, store, [](const Batch<>&) {}};
  return error_of_run<KafkaError>(consumer);
}

}  // namespace

TEST_CASE("a session time-out that the brokers don't take ends the consumer, and the error names the property",
          "[integration]") {
  KafkaFixture kafka;
  auto options = kafka.options();
  options.kafka["session.timeout.ms"] = "500";
  const auto error = refusal_of(options, kafka.store);
  CHECK(error.code() == RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT);
  CHECK_THAT(error.what(), containing("session.timeout.ms is 500"));
  CHECK_THAT(error.what(), containing("group.min.session.timeout.ms"));
}

TEST_CASE("a member with another strategy than the group's ends, and the error names both strategies",
          "[integration]") {
  KafkaFixture kafka;
  auto first = kafka.options();
  first.kafka["partition.assignment.strategy"] = "range";
  RunningConsumer member{first, kafka.store};
  member.await_assignment();
  auto second = kafka.options();
  second.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  const auto error = refusal_of(second, kafka.store);
  CHECK(error.code() == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL);
  CHECK_THAT(error.what(), containing("\"cooperative-sticky\""));
  CHECK_THAT(error.what(), containing("They use \"range\""));
  CHECK_THAT(error.what(), containing("stop all members"));
  member.stop();
}
