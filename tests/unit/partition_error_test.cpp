#include "kafka/partition_error.hpp"

#include "support/catch.hpp"

using namespace tidemark::kafka;
using Kind = PartitionErrorKind;

TEST_CASE("what can't be read is told from what may pass", "[unit]") {
  for (const auto code :
       {RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
        RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
        RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE}) {
    INFO(rd_kafka_err2name(code));
    CHECK(kind_of(code, "") == Kind::unreadable);
    CHECK_FALSE(unreadable_advice(code).empty());
  }
  for (const auto code : {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                          RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE}) {
    INFO(rd_kafka_err2name(code));
    CHECK(kind_of(code, "") == Kind::other);
  }
  CHECK(kind_of(RD_KAFKA_RESP_ERR__PARTITION_EOF, "") == Kind::end);
}

TEST_CASE("a missing right is one, for topics as for groups", "[unit]") {
  CHECK(kind_of(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "") == Kind::forbidden);
  CHECK(kind_of(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "") == Kind::forbidden);
  CHECK_FALSE(is_forbidden(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN));
}

// The texts are those of librdkafka 2.0.2 and 2.15.0.
TEST_CASE("a truncated log is told from an offset that does not exist", "[unit]") {
  CHECK(kind_of(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
                "fetch failed due to requested offset not available on the broker: Broker: Offset out of range "
                "(broker 1)") == Kind::out_of_range);
  CHECK(kind_of(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, "") == Kind::out_of_range);

  const auto* truncated =
      "Partition log truncation detected at offset 150 (leader epoch 3): broker end offset is 100 (offset leader epoch "
      "2). Reset to INVALID.: Local: Partition log truncation detected (broker 1)";
  CHECK(kind_of(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, truncated) == Kind::truncated);
  CHECK(truncated_end(truncated) == 100);

  const auto* no_epoch =
      "No epoch found less or equal to offset 150 (leader epoch 3): broker end offset is -1 (offset leader epoch -1). "
      "Reset using configured policy.: Local: Partition log truncation detected (broker 1)";
  CHECK(kind_of(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, no_epoch) == Kind::truncated);
  CHECK(truncated_end(no_epoch) == std::nullopt);
  CHECK(truncated_end("nothing of the kind") == std::nullopt);
}
