#include "stores/kafka/refusal.hpp"

#include <cstddef>
#include <span>
#include <string>

#include <fmt/format.h>

namespace tidemark::kafka {

namespace {

using enum StoreError::Retry;

// The next-generation group protocol's codes, which librdkafka names only from 2.2.0 on.
constexpr int fenced_member_epoch = 110;
constexpr int stale_member_epoch = 113;

Refusal not_a_member(Asker asker) {
  if (asker == Asker::administrator)
    return {no, "the group has live members, and only they may change its offsets: stop all its consumers first"};
  return {yes,
          "the group went on to another generation meanwhile, perhaps without this consumer (no heartbeat within "
          "session.timeout.ms, or no poll within max.poll.interval.ms), which then joins again by itself; one that was "
          "given "
          "explicit partitions needs a group of its own, without members"};
}

Refusal client_refusal(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return {
          yes,
          "the group coordinator did not answer in time, and whether anything was stored is not known: check that the "
          "brokers are up and reachable, or raise KafkaOffsetStoreOptions::timeout"};
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      return {no, "check security.protocol and the sasl.* and ssl.* properties in KafkaOffsetStoreOptions::kafka"};
    case RD_KAFKA_RESP_ERR__UNKNOWN_GROUP:
      return {no, "the session's consumer has no group.id"};
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR__STATE:
      return {no, "the session's consumer is closing: commit before it is closed"};
    case RD_KAFKA_RESP_ERR__FATAL:
      return {no, "the session's consumer is beyond recovery: make a new one"};
    default:
      return {no, "librdkafka's documentation of this code tells more"};
  }
}

/// librdkafka marks all partitions of a consumer's commit with the error of one, hence the "or".
std::string names_of(std::span<const rd_kafka_topic_partition_t> partitions, rd_kafka_resp_err_t code) {
  constexpr int enough = 5;
  int count = 0;
  std::string names;
  for (const auto& partition : partitions)
    if (partition.err == code && ++count <= enough)
      names += fmt::format("{}{} [{}]", count == 1 ? "" : " or ", partition.topic, partition.partition);
  return count <= enough ? names : fmt::format("{} or {} more", names, count - enough);
}

}  // namespace

Refusal refusal(rd_kafka_resp_err_t code, Asker asker) {
  if (code < RD_KAFKA_RESP_ERR_UNKNOWN) return client_refusal(code);
  switch (static_cast<int>(code)) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case fenced_member_epoch:
    case stale_member_epoch:
      return not_a_member(asker);
    case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
    case RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC:
      return not_a_member(Asker::administrator);
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return {yes, "the group is handing out its partitions anew"};
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return {no, "another process joined with the same group.instance.id: give each its own"};
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
    case RD_KAFKA_RESP_ERR_UNKNOWN:
      return {yes, "the group coordinator is moving or overloaded: check the brokers if it lasts"};
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
      return {yes, "a transaction that moves this group's offsets is still open"};
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return {no,
              "Kafka stores offsets only for topics and partitions that exist: create the topic, or stop reading it"};
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return {no, "grant this user READ on the group, and DELETE on it for erase()"};
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return {no, "grant this user READ on the topic"};
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
      return {no, "shorten KafkaOffsetStoreOptions::metadata, or raise the broker's offset.metadata.max.bytes"};
    case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return {no, "raise max.message.bytes of the topic __consumer_offsets, or commit fewer partitions at once"};
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
      return {no, "check the name of the group"};
    default:
      return {no, "the broker's log tells more"};
  }
}

StoreError refused(std::string_view action, rd_kafka_resp_err_t code, Asker asker, std::string_view detail) {
  const auto [retry, hint] = refusal(code, asker);
  return StoreError{fmt::format("cannot {}: {} ({}); {}", action, detail.empty() ? rd_kafka_err2str(code) : detail,
                                rd_kafka_err2name(code), hint),
                    retry};
}

void require_accepted(std::string_view action, const rd_kafka_topic_partition_list_t& answer, Asker asker) {
  const std::span partitions{answer.elems, static_cast<std::size_t>(answer.cnt)};
  auto worst = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (const auto& partition : partitions) {
    if (partition.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    // One partition that will never be accepted makes it pointless to try again for the sake of the others.
    if (worst == RD_KAFKA_RESP_ERR_NO_ERROR || refusal(partition.err, asker).retry == no) worst = partition.err;
  }
  if (worst != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw refused(action, worst, asker, fmt::format("{}: {}", names_of(partitions, worst), rd_kafka_err2str(worst)));
}

}  // namespace tidemark::kafka
